package io.penstock.worker.limit;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads when a limit resets, in every form providers use: Go durations ({@code 6m0s}, {@code
 * 8.64s}, {@code 120ms}), seconds, epoch seconds or milliseconds, RFC 3339.
 */
public final class ResetTime {

  private static final Pattern GO_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|µs|ns)");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(\\.\\d{1,18})?");
  private static final double EPOCH_MILLIS_MIN = 1e11;
  private static final double EPOCH_SECONDS_MIN = 1e9;
  private static final Duration LONGEST = Duration.ofDays(366);

  private ResetTime() {}

  /** The time until the reset, not negative; null when the text is in none of the forms. */
  public static @Nullable Duration parse(String text, Instant now) {
    var trimmed = text.strip();
    if (NUMBER.matcher(trimmed).matches()) {
      return bounded(number(Double.parseDouble(trimmed), now));
    }
    var go = goDuration(trimmed);
    if (go != null) {
      return bounded(go);
    }
    try {
      return bounded(Duration.between(now, Instant.parse(trimmed)));
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static Duration number(double value, Instant now) {
    if (value >= EPOCH_MILLIS_MIN) {
      return Duration.between(now, Instant.ofEpochMilli((long) value));
    }
    if (value >= EPOCH_SECONDS_MIN) {
      return Duration.between(now, Instant.ofEpochSecond((long) value));
    }
    return ofSeconds(value);
  }

  private static @Nullable Duration goDuration(String text) {
    var matcher = GO_PART.matcher(text);
    var end = 0;
    var seconds = 0.0;
    while (matcher.find() && matcher.start() == end) {
      seconds += Double.parseDouble(matcher.group(1)) * unitSeconds(matcher.group(2));
      end = matcher.end();
    }
    return end == text.length() && end > 0 ? ofSeconds(seconds) : null;
  }

  private static double unitSeconds(String unit) {
    return switch (unit) {
      case "h" -> 3600;
      case "m" -> 60;
      case "s" -> 1;
      case "ms" -> 1e-3;
      case "ns" -> 1e-9;
      default -> 1e-6;
    };
  }

  private static Duration ofSeconds(double seconds) {
    return Duration.ofNanos((long) (Math.min(seconds, LONGEST.toSeconds()) * 1e9));
  }

  private static Duration bounded(Duration time) {
    if (time.isNegative()) {
      return Duration.ZERO;
    }
    return time.compareTo(LONGEST) > 0 ? LONGEST : time;
  }
}
