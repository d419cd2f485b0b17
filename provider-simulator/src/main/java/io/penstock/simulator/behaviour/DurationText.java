package io.penstock.simulator.behaviour;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/** Durations as people write them on a command line: {@code 50ms}, {@code 1.5s}, {@code 2m}. */
public final class DurationText {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(ms|s|m|h)");

  private DurationText() {}

  /**
   * Reads a number followed by {@code ms}, {@code s}, {@code m} or {@code h}.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what is
   *     expected
   */
  public static Duration parse(String text) {
    var matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a duration; write for example 50ms, 1.5s, 2m or 1h");
    }
    long unitNanos =
        switch (matcher.group(2)) {
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          default -> 3_600_000_000_000L;
        };
    var nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unitNanos));
    return Duration.ofSeconds(0, nanos.longValue());
  }
}
