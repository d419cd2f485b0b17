package io.penstock.billing.ledger;

import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.SeenUsage;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What becomes of a usage record that arrives: pure, and total but for broken invariants. */
public final class Booking {

  private Booking() {}

  /** What is known before a record, of its organisation and of its partition. */
  public record Known(Books books, ChainHead head, @Nullable SeenUsage before) {}

  /** What becomes of it. */
  public sealed interface Decision {

    /** It was handled before and says the same: nothing changes. */
    record Repeated() implements Decision {}

    /**
     * It was handled before and said other amounts: the first record stays, and somebody is told.
     */
    record Contradicted(String reason) implements Decision {}

    /** It claims a time that nobody can believe: it is laid aside, and somebody is told. */
    record Quarantined(String reason, ChainHead head) implements Decision {}

    /**
     * It is booked.
     *
     * @param entry null when there was nothing to book
     */
    record Booked(Books books, ChainHead head, @Nullable LedgerEntryPosted entry)
        implements Decision {}
  }

  /**
   * Decides about a record.
   *
   * @param bookedAt the record's own timestamp on its topic
   * @param now by the clock of this machine; guards against stamps from the future only
   * @throws LedgerViolation when the record contradicts itself
   * @throws ArithmeticException when an amount does not fit
   */
  public static Decision decide(
      UsageRecorded usage, Known known, BillingPeriods periods, Instant bookedAt, Instant now) {
    var before = known.before();
    if (before != null) {
      return again(usage, before);
    }
    var entry = Ledger.book(usage);
    // a stamp from the far future must not close months that are not over
    var head = known.head().at(earlier(bookedAt, now.plus(BillingPeriods.SKEW_MAX)));
    var unbelievable = BillingPeriods.unbelievable(usage.getRecordedAt(), head.clock(), now);
    if (unbelievable != null) {
      return new Decision.Quarantined(unbelievable, head);
    }
    var books = known.books().plus(entry, bookedAt);
    if (entry.isEmpty()) {
      return new Decision.Booked(books, head, null);
    }
    var appended = Journal.append(entry, usage, head, periods, books.sequence(), bookedAt);
    return new Decision.Booked(books, appended.head(), appended.entry());
  }

  private static Decision again(UsageRecorded usage, SeenUsage before) {
    if (before.getChargeNanoUsd() == usage.getChargeNanoUsd()
        && before.getCostNanoUsd() == usage.getCostNanoUsd()) {
      return new Decision.Repeated();
    }
    return new Decision.Contradicted(
        "usage "
            + usage.getUsageId()
            + " was handled with a charge of "
            + before.getChargeNanoUsd()
            + " and a cost of "
            + before.getCostNanoUsd()
            + " nano-USD, and came again with "
            + usage.getChargeNanoUsd()
            + " and "
            + usage.getCostNanoUsd());
  }

  private static Instant earlier(Instant left, Instant right) {
    return left.isBefore(right) ? left : right;
  }
}
