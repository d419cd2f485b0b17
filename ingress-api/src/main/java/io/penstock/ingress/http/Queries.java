package io.penstock.ingress.http;

import io.helidon.common.uri.UriQuery;
import io.penstock.schemas.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Query parameters of listings. */
public final class Queries {

  private Queries() {}

  /** A parameter; null when it is not there, or empty. */
  public static @Nullable String text(UriQuery query, String name) {
    var value = query.first(name).orElse("");
    return value.isEmpty() ? null : value;
  }

  /**
   * The page size.
   *
   * @throws ApiException when it is not a whole number from 1 to the most
   */
  public static int limit(UriQuery query, int byDefault, int most) {
    var text = text(query, "limit");
    if (text == null) {
      return byDefault;
    }
    try {
      var limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= most) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    throw new ApiException(
        ErrorCode.INVALID_REQUEST,
        "limit",
        "'limit' must be a whole number from 1 to " + most + ".");
  }
}
