package io.penstock.simulator.limit;

/** Durations as the rate-limit headers write them, for Go prints them so: {@code 6m0.12s}. */
public final class GoDuration {
  private static final long MILLI_NANOS = 1_000_000L;

  private GoDuration() {}

  /** Writes a time, rounded up to a millisecond so that nobody comes back too early. */
  public static String format(long nanos) {
    long millis = Math.ceilDiv(Math.max(0, nanos), MILLI_NANOS);
    if (millis == 0) {
      return "0s";
    }
    if (millis < 1_000) {
      return millis + "ms";
    }
    var text = new StringBuilder();
    long seconds = millis / 1_000;
    if (seconds >= 3_600) {
      text.append(seconds / 3_600).append('h');
    }
    if (seconds >= 60) {
      text.append(seconds / 60 % 60).append('m');
    }
    text.append(seconds % 60);
    long fraction = millis % 1_000;
    if (fraction > 0) {
      var digits = String.valueOf(1_000 + fraction).substring(1);
      text.append('.').append(digits.replaceFirst("0+$", ""));
    }
    return text.append('s').toString();
  }
}
