package io.penstock.platform.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the API key where client libraries put it, and says what is wrong with it. */
public final class PresentedKey {

  /** To a caller who sent none. */
  public static final String MISSING =
      "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY' or in x-api-key.";

  /** To a caller whose key is not known, or not to be used any more. */
  public static final String INCORRECT = "Incorrect API key provided.";

  private static final String BEARER = "Bearer ";
  private static final List<HeaderName> KEY_HEADERS =
      List.of(
          HeaderNames.create("x-api-key"),
          HeaderNames.create("api-key"),
          HeaderNames.create("x-goog-api-key"));

  private PresentedKey() {}

  /** The secret; null when the request carries none, or an empty one. */
  public static @Nullable String of(ServerRequestHeaders headers) {
    var secret = secret(headers);
    return secret == null || secret.isBlank() ? null : secret.strip();
  }

  private static @Nullable String secret(ServerRequestHeaders headers) {
    var authorization = headers.first(HeaderNames.AUTHORIZATION).orElse(null);
    if (authorization != null) {
      return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
          ? authorization.substring(BEARER.length())
          : null;
    }
    for (var name : KEY_HEADERS) {
      var key = headers.first(name).orElse(null);
      if (key != null) {
        return key;
      }
    }
    return null;
  }
}
