package io.penstock.billing.stream;

import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.report.BucketWidth;
import java.time.Duration;

/**
 * How much billing keeps.
 *
 * @param seenRetention how long a usage id is remembered; a repetition after that would be booked
 *     again
 * @param journalEntriesMax entries of an organisation that the read API can show; the topic has all
 * @param balancesEvery how often changed balances are published
 * @param periodGrace how long after its end a month still takes what happened in it
 * @param rollUps how long sums are kept
 */
public record BookingLimits(
    Duration seenRetention,
    long journalEntriesMax,
    Duration balancesEvery,
    Duration periodGrace,
    RollUpRetention rollUps) {

  /** Which month a thing is booked in. */
  BillingPeriods periods() {
    return new BillingPeriods(periodGrace);
  }

  /** How long sums of each width are kept; those by end user, tag and upstream model as days. */
  public record RollUpRetention(Duration minutes, Duration hours, Duration days) {

    /** Two days, 45 days, 400 days. */
    public static final RollUpRetention BY_DEFAULT =
        new RollUpRetention(Duration.ofHours(48), Duration.ofDays(45), Duration.ofDays(400));

    /** How long sums of a width are kept. */
    public Duration of(BucketWidth width) {
      return switch (width) {
        case MINUTE -> minutes;
        case HOUR -> hours;
        case DAY -> days;
      };
    }
  }
}
