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
