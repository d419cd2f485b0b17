package io.penstock.simulator.behaviour;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * How often each fault strikes, in parts per million of the calls, and how long the planned 429
 * asks to wait.
 */
public record FaultProfile(
    Map<Fault, Integer> partsPerMillion, Duration retryAfterShortest, Duration retryAfterLongest) {
  private static final int MILLION = 1_000_000;
  private static final int PERCENT = 10_000;
  private static final String RETRY_AFTER = "retry-after";

  /**
   * @throws IllegalArgumentException if a share is negative, the shares exceed the whole, {@link
   *     Fault#NONE} has a share, or the Retry-After range is not between 0 and 1 h in order
   */
  public FaultProfile {
    partsPerMillion = Map.copyOf(partsPerMillion);
    long sum = 0;
    for (var share : partsPerMillion.entrySet()) {
      if (share.getKey() == Fault.NONE || share.getValue() < 0) {
        throw new IllegalArgumentException(
            "the share of " + share.getKey().wireName() + " must not be given or negative");
      }
      sum += share.getValue();
    }
    if (sum > MILLION) {
      throw new IllegalArgumentException("the shares of all faults exceed 100 %");
    }
    if (retryAfterShortest.isNegative()
        || retryAfterShortest.compareTo(retryAfterLongest) > 0
        || retryAfterLongest.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "retry-after must be a range between 0 and 1 h, the shorter time first");
    }
  }

  /** No planned faults. */
  public static FaultProfile none() {
    return of(Map.of());
  }

  /** A provider on a bad day: 5 % 500, 5 % 429, 1 % resets, 1 % truncated bodies. */
  public static FaultProfile mild() {
    return of(
        Map.of(
            Fault.HTTP_500,
            5 * PERCENT,
            Fault.RATE_429,
            5 * PERCENT,
            Fault.RESET,
            PERCENT,
            Fault.TRUNCATED,
            PERCENT));
  }

  /** A provider one would leave: a quarter of all calls fail, in seven ways. */
  public static FaultProfile harsh() {
    return of(
        Map.of(
            Fault.HTTP_500, 8 * PERCENT,
            Fault.HTTP_503, 3 * PERCENT,
            Fault.RATE_429, 7 * PERCENT,
            Fault.RESET, 3 * PERCENT,
            Fault.TRUNCATED, 2 * PERCENT,
            Fault.MALFORMED, PERCENT,
            Fault.STALL, PERCENT));
  }

  private static FaultProfile of(Map<Fault, Integer> partsPerMillion) {
    return new FaultProfile(partsPerMillion, Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  /** The fault of one call; the same draw gives the same fault. */
  public Fault draw(long draw) {
    if (partsPerMillion.isEmpty()) {
      return Fault.NONE;
    }
    // In the order of the enum: the order of a map would change the fault with the map.
    long left = Long.remainderUnsigned(Hash.mix(draw), MILLION);
    for (var fault : Fault.values()) {
      left -= partsPerMillion.getOrDefault(fault, 0);
      if (left < 0) {
        return fault;
      }
    }
    return Fault.NONE;
  }

  /** How long the planned 429 of one call asks to wait. */
  public Duration retryAfter(long draw) {
    long width = retryAfterLongest.minus(retryAfterShortest).toMillis();
    return retryAfterShortest.plusMillis(Long.remainderUnsigned(Hash.mix(draw), width + 1));
  }

  /**
   * Reads {@code none}, {@code mild}, {@code harsh}, or shares such as {@code
   * http500=5%,rate429=0.5%,retry-after=1s..2s}.
   *
   * @throws IllegalArgumentException if the text is none of these; the message says why
   */
  public static FaultProfile parse(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "none" -> none();
      case "mild" -> mild();
      case "harsh" -> harsh();
      default -> {
        try {
          yield parseShares(text);
        } catch (IllegalArgumentException wrong) {
          throw new IllegalArgumentException("faults '" + text + "': " + wrong.getMessage(), wrong);
        }
      }
    };
  }

  private static FaultProfile parseShares(String text) {
    var shares = new EnumMap<Fault, Integer>(Fault.class);
    var shortest = Duration.ofSeconds(1);
    var longest = Duration.ofSeconds(2);
    for (var part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "expected none, mild, harsh, or shares such as http500=5%,reset=1%,retry-after=1s..2s");
      }
      var name = part.substring(0, equals).strip();
      var value = part.substring(equals + 1).strip();
      if (name.equalsIgnoreCase(RETRY_AFTER)) {
        var ends = value.split("\\.\\.", -1);
        shortest = DurationText.parse(ends[0]);
        longest = DurationText.parse(ends[ends.length - 1]);
      } else if (shares.put(Fault.parse(name), parsePercent(value)) != null) {
        throw new IllegalArgumentException(name + " is given twice");
      }
    }
    return new FaultProfile(shares, shortest, longest);
  }

  private static int parsePercent(String text) {
    var number = text.endsWith("%") ? text.substring(0, text.length() - 1).strip() : text;
    try {
      return new BigDecimal(number).multiply(BigDecimal.valueOf(PERCENT)).intValueExact();
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a percentage; write for example 5% or 0.5%", notANumber);
    } catch (ArithmeticException tooFineOrLarge) {
      throw new IllegalArgumentException(
          "'" + text + "' must be from 0 to 100 with four decimals at most", tooFineOrLarge);
    }
  }
}
