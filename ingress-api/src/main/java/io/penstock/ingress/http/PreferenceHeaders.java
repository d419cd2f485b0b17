package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.RoutePreferences;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a caller asks of routing by headers, in addition to the body. */
final class PreferenceHeaders {

  private static final HeaderName EXPLAIN = HeaderNames.create("x-penstock-explain");
  private static final HeaderName RESIDENCY = HeaderNames.create("x-penstock-residency");
  private static final Pattern TAG = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

  private PreferenceHeaders() {}

  /**
   * Adds the headers' wishes to the body's.
   *
   * @param ofBody null when the body asks for nothing
   * @return null when neither asks for anything
   * @throws ApiException when a header has a value that means nothing
   */
  static @Nullable RoutePreferences added(
      ServerRequestHeaders headers, @Nullable RoutePreferences ofBody) {
    var explain = explain(headers.first(EXPLAIN).orElse("false"));
    var residency = residency(headers.first(RESIDENCY).orElse(null));
    if (!explain && residency == null) {
      return ofBody;
    }
    var preferences =
        ofBody == null ? RoutePreferences.newBuilder() : RoutePreferences.newBuilder(ofBody);
    return preferences.setExplain(explain).setResidency(residency).build();
  }

  private static boolean explain(String value) {
    return switch (value.strip()) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new ApiException(
              ErrorCode.INVALID_REQUEST, "The header x-penstock-explain must be true or false.");
    };
  }

  private static @Nullable String residency(@Nullable String value) {
    if (value == null) {
      return null;
    }
    var tag = value.strip();
    if (!TAG.matcher(tag).matches()) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "The header x-penstock-residency must be one tag of lower-case letters, digits and dashes.");
    }
    return tag;
  }
}
