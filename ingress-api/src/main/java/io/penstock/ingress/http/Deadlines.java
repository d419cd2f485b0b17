package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.penstock.schemas.ErrorCode;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long a caller is willing to wait. */
final class Deadlines {

  /** Ours, in seconds; a bad value is an error. */
  private static final HeaderName TIMEOUT = HeaderNames.create("x-penstock-timeout");

  /** What OpenAI's and Anthropic's client libraries send, in seconds; a bad value is ignored. */
  private static final HeaderName STAINLESS_TIMEOUT = HeaderNames.create("x-stainless-timeout");

  private static final BigDecimal SECONDS_MAX = BigDecimal.valueOf(86_400);

  private Deadlines() {}

  /** The shortest of what the caller asks for and what is allowed. */
  static Duration of(ServerRequestHeaders headers, Duration most) {
    var ours = headers.first(TIMEOUT).orElse(null);
    if (ours != null) {
      var asked = seconds(ours);
      if (asked == null) {
        throw new ApiException(
            ErrorCode.INVALID_REQUEST,
            "The header x-penstock-timeout must be a positive number of seconds.");
      }
      return shorter(asked, most);
    }
    var asked = headers.first(STAINLESS_TIMEOUT).map(Deadlines::seconds).orElse(null);
    return asked == null ? most : shorter(asked, most);
  }

  private static Duration shorter(Duration left, Duration right) {
    return left.compareTo(right) < 0 ? left : right;
  }

  private static @Nullable Duration seconds(String text) {
    if (text.length() > 20) {
      return null;
    }
    try {
      var seconds = new BigDecimal(text.strip());
      if (seconds.signum() <= 0) {
        return null;
      }
      return Duration.ofMillis(Math.max(1, seconds.min(SECONDS_MAX).movePointRight(3).longValue()));
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
