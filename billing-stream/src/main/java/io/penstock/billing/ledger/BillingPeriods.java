package io.penstock.billing.ledger;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Which month a thing is booked in: its own as long as that is open, else the present one. A month
 * (UTC) closes a grace after its end and never opens again.
 *
 * @param grace how long after its end a month still takes what happened in it
 */
public record BillingPeriods(Duration grace) {

  /** How far ahead of us another machine's clock may be (design, promise G8). */
  public static final Duration SKEW_MAX = Duration.ofMinutes(5);

  /** How long after it happened a thing can still be booked. */
  public static final Duration LATE_MAX = Duration.ofDays(35);

  /**
   * Why nobody can believe that a thing happened at a time; null when it can be believed.
   *
   * @param clock of the partition
   * @param now by the clock of this machine: a partition that is behind has an early clock, and
   *     what is written to it at present is not from the future
   */
  public static @Nullable String unbelievable(Instant occurredAt, Instant clock, Instant now) {
    if (occurredAt.isBefore(clock.minus(LATE_MAX))) {
      return "it is more than " + LATE_MAX.toDays() + " days late";
    }
    var present = clock.isAfter(now) ? clock : now;
    return occurredAt.isAfter(present.plus(SKEW_MAX))
        ? "it is more than " + SKEW_MAX.toMinutes() + " minutes in the future"
        : null;
  }

  /**
   * Where a thing is booked.
   *
   * @param period the month that it counts for
   * @param missed the closed month that it would have belonged to; null when it is in its own
   */
  public record Place(YearMonth period, @Nullable YearMonth missed) {}

  /** The month of an instant. */
  public static YearMonth of(Instant at) {
    return YearMonth.from(at.atOffset(ZoneOffset.UTC));
  }

  /** From when on nothing is booked in a month any more. */
  public Instant closing(YearMonth period) {
    return period.plusMonths(1).atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC).plus(grace);
  }

  /** Whether a month is closed at a time. */
  public boolean closed(YearMonth period, Instant clock) {
    return !clock.isBefore(closing(period));
  }

  /** Where something that happened then is booked now. */
  public Place place(Instant occurredAt, Instant clock) {
    var own = of(occurredAt);
    var present = of(clock);
    if (closed(own, clock)) {
      return new Place(present, own);
    }
    // what claims to come from the future does not open a month before its time
    return new Place(occurredAt.isAfter(clock.plus(SKEW_MAX)) ? present : own, null);
  }
}
