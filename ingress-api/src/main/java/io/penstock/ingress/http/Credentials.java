package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the API key where client libraries put it. */
final class Credentials {

  private static final String BEARER = "Bearer ";
  private static final List<HeaderName> KEY_HEADERS =
      List.of(
          HeaderNames.create("x-api-key"),
          HeaderNames.create("api-key"),
          HeaderNames.create("x-goog-api-key"));

  private Credentials() {}

  /** The secret; null when the request carries none. */
  static @Nullable String of(ServerRequestHeaders headers) {
    var authorization = headers.first(HeaderNames.AUTHORIZATION).orElse(null);
    if (authorization != null) {
      return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
          ? authorization.substring(BEARER.length()).strip()
          : null;
    }
    for (var name : KEY_HEADERS) {
      var key = headers.first(name).orElse(null);
      if (key != null) {
        return key.strip();
      }
    }
    return null;
  }
}
