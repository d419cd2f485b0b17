package io.penstock.worker.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.worker.limit.RateHeaders;
import io.penstock.worker.limit.ResetTime;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * How long a provider asks us to wait. The most exact word wins: {@code retry-after-ms}, {@code
 * retry-after} (seconds or date), Google's {@code RetryInfo} in the body, then the reset of the
 * exhausted limit.
 */
final class RetryAfter {

  private static final Duration LONGEST = Duration.ofDays(1);

  private RetryAfter() {}

  /** The wait, at most a day; null when the provider did not say. */
  static @Nullable Duration of(Headers headers, ProviderError error, Instant now) {
    var wait = millis(headers.value("retry-after-ms"));
    if (wait == null) {
      wait = secondsOrDate(headers.value("retry-after"), now);
    }
    if (wait == null) {
      wait = retryInfo(error.details(), now);
    }
    if (wait == null) {
      wait = reset(RateHeaders.parse(headers::value, now));
    }
    if (wait == null) {
      return null;
    }
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }

  private static @Nullable Duration millis(@Nullable String text) {
    var millis = number(text);
    return millis == null ? null : Duration.ofNanos((long) (millis * 1e6));
  }

  private static @Nullable Duration secondsOrDate(@Nullable String text, Instant now) {
    var seconds = number(text);
    if (seconds != null) {
      return Duration.ofNanos((long) (seconds * 1e9));
    }
    if (text == null) {
      return null;
    }
    try {
      var date = ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
      var wait = Duration.between(now, date.toInstant());
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static @Nullable Double number(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      var number = Double.parseDouble(text.strip());
      return number >= 0 && number < 1e9 ? number : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Duration retryInfo(JsonNode error, Instant now) {
    for (var detail : error.path("details")) {
      if (detail.path("@type").asText().endsWith("RetryInfo")) {
        return ResetTime.parse(detail.path("retryDelay").asText(), now);
      }
    }
    return null;
  }

  /** The reset of what is used up; where that is not said, the nearer one. */
  private static @Nullable Duration reset(RateHeaders headers) {
    var requests = headers.requests();
    var tokens = headers.tokens();
    var exhausted =
        longer(
            requests == null ? null : requests.exhaustedFor(),
            tokens == null ? null : tokens.exhaustedFor());
    return exhausted != null
        ? exhausted
        : shorter(
            requests == null ? null : requests.reset(), tokens == null ? null : tokens.reset());
  }

  private static @Nullable Duration longer(@Nullable Duration left, @Nullable Duration right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return left.compareTo(right) >= 0 ? left : right;
  }

  private static @Nullable Duration shorter(@Nullable Duration left, @Nullable Duration right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return left.compareTo(right) <= 0 ? left : right;
  }
}
