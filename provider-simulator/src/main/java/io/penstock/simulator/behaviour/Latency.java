package io.penstock.simulator.behaviour;

import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;

/** How long the provider thinks before its answer is complete. */
public sealed interface Latency {
  /** No answer takes longer than this, whatever the distribution draws. */
  Duration LONGEST = Duration.ofHours(1);

  /** Answers at once. */
  record Zero() implements Latency {}

  /** Always the same time. */
  record Fixed(Duration time) implements Latency {
    /**
     * @throws IllegalArgumentException if the time is negative or over {@link Latency#LONGEST}
     */
    public Fixed {
      requireInRange(time);
    }
  }

  /** Most answers near the median, a few much later: what providers really look like. */
  record LogNormal(Duration median, double sigma) implements Latency {
    /**
     * @throws IllegalArgumentException if the median is out of range or sigma is not in 0 to 4
     */
    public LogNormal {
      requireInRange(median);
      if (!(sigma >= 0 && sigma <= 4)) {
        throw new IllegalArgumentException("sigma is " + sigma + "; it must be from 0 to 4");
      }
    }
  }

  /** Anything between two times, equally likely. */
  record Uniform(Duration shortest, Duration longest) implements Latency {
    /**
     * @throws IllegalArgumentException if a time is out of range or the first is the longer one
     */
    public Uniform {
      requireInRange(shortest);
      requireInRange(longest);
      if (shortest.compareTo(longest) > 0) {
        throw new IllegalArgumentException("the shorter time comes first");
      }
    }
  }

  /** The time of one call in nanoseconds; the same draw gives the same time. */
  default long nanos(long draw) {
    return switch (this) {
      case Zero() -> 0;
      case Fixed(var time) -> time.toNanos();
      case LogNormal(var median, var sigma) -> {
        double factor = Math.exp(sigma * new SplittableRandom(draw).nextGaussian());
        yield Math.min(LONGEST.toNanos(), Math.round(median.toNanos() * factor));
      }
      case Uniform(var shortest, var longest) -> {
        long width = longest.toNanos() - shortest.toNanos();
        yield shortest.toNanos() + (width == 0 ? 0 : Long.remainderUnsigned(draw, width + 1));
      }
    };
  }

  /**
   * Reads {@code zero}, {@code fixed:50ms}, {@code lognormal:median=300ms,sigma=0.5} (short: {@code
   * lognormal:300ms,0.5}) or {@code uniform:5s,30s}.
   *
   * @throws IllegalArgumentException if the text is none of these; the message says why
   */
  static Latency parse(String text) {
    var form = text.strip().toLowerCase(Locale.ROOT);
    if (form.equals("zero")) {
      return new Zero();
    }
    int colon = form.indexOf(':');
    var name = colon < 0 ? form : form.substring(0, colon);
    var values = colon < 0 ? new String[0] : form.substring(colon + 1).split(",", -1);
    try {
      if (name.equals("fixed") && values.length == 1) {
        return new Fixed(DurationText.parse(values[0]));
      }
      if (name.equals("lognormal") && values.length == 2) {
        return new LogNormal(
            DurationText.parse(valueOf(values[0], "median")),
            Double.parseDouble(valueOf(values[1], "sigma")));
      }
      if (name.equals("uniform") && values.length == 2) {
        return new Uniform(
            DurationText.parse(valueOf(values[0], "from")),
            DurationText.parse(valueOf(values[1], "to")));
      }
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          "latency '" + text + "': sigma must be a number", notANumber);
    } catch (IllegalArgumentException wrongPart) {
      throw new IllegalArgumentException(
          "latency '" + text + "': " + wrongPart.getMessage(), wrongPart);
    }
    throw new IllegalArgumentException(
        "latency '"
            + text
            + "': expected zero, fixed:50ms, lognormal:median=300ms,sigma=0.5 or uniform:5s,30s");
  }

  private static String valueOf(String part, String name) {
    var trimmed = part.strip();
    return trimmed.startsWith(name + "=") ? trimmed.substring(name.length() + 1) : trimmed;
  }

  private static void requireInRange(Duration time) {
    if (time.isNegative() || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a latency must be between 0 and " + LONGEST.toHours() + " h");
    }
  }
}
