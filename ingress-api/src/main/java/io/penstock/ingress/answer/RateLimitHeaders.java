package io.penstock.ingress.answer;

import io.penstock.schemas.avro.RateLimitStatus;
import io.penstock.schemas.avro.Surface;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The caller's rate limits as headers, in the way of the dialect that he speaks, so that his client
 * library understands them. They tell of our own limits only, never of a provider's.
 *
 * <p>Sources: OpenAI's guide to rate limits (resets as durations such as {@code 1s} or {@code
 * 6m0s}), Anthropic's documentation of response headers (resets as RFC 3339 times).
 */
public final class RateLimitHeaders {

  private RateLimitHeaders() {}

  /**
   * The headers, by name, in order.
   *
   * @param status empty when absent, and for what is not limited
   * @param now the time of the answer
   */
  public static Map<String, String> of(
      Surface surface, @Nullable RateLimitStatus status, Instant now) {
    var headers = new LinkedHashMap<String, String>();
    if (status == null) {
      return headers;
    }
    add(
        headers,
        surface,
        "requests",
        status.getRequestsLimit(),
        status.getRequestsRemaining(),
        reset(surface, status.getRequestsResetMs(), now));
    add(
        headers,
        surface,
        "tokens",
        status.getTokensLimit(),
        status.getTokensRemaining(),
        reset(surface, status.getTokensResetMs(), now));
    return headers;
  }

  private static void add(
      Map<String, String> headers,
      Surface surface,
      String what,
      @Nullable Long limit,
      long remaining,
      String reset) {
    if (limit == null) {
      return;
    }
    headers.put(name(surface, what, "limit"), Long.toString(limit));
    headers.put(name(surface, what, "remaining"), Long.toString(remaining));
    headers.put(name(surface, what, "reset"), reset);
  }

  private static String name(Surface surface, String what, String which) {
    return surface == Surface.ANTHROPIC_MESSAGES
        ? "anthropic-ratelimit-" + what + "-" + which
        : "x-ratelimit-" + which + "-" + what;
  }

  private static String reset(Surface surface, long millis, Instant now) {
    return surface == Surface.ANTHROPIC_MESSAGES
        ? now.plusMillis(millis).plusMillis(999).truncatedTo(ChronoUnit.SECONDS).toString()
        : duration(Duration.ofMillis(millis));
  }

  /** Such as {@code 0s}, {@code 120ms}, {@code 8.64s}, {@code 6m0s}, {@code 1h2m3s}. */
  static String duration(Duration duration) {
    if (duration.isPositive() && duration.toSeconds() == 0) {
      return duration.toMillis() + "ms";
    }
    var text = new StringBuilder();
    if (duration.toHours() > 0) {
      text.append(duration.toHours()).append('h');
    }
    if (duration.toMinutes() > 0) {
      text.append(duration.toMinutesPart()).append('m');
    }
    text.append(duration.toSecondsPart());
    if (duration.toMillisPart() > 0) {
      text.append('.').append(Integer.toString(1_000 + duration.toMillisPart()).substring(1));
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
    return text.append('s').toString();
  }
}
