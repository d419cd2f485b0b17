package io.penstock.billing.report;

import io.penstock.billing.ledger.Books;
import io.penstock.schemas.avro.LedgerEntryPosted;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.function.BiConsumer;

/** What reports are made of; always of one organisation. Thread-safe. */
public interface BillingReader {

  /**
   * The organisation's data is not here now: another instance has it, or it is being restored. Ask
   * again.
   */
  class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnavailableException(String message) {
      super(message);
    }
  }

  /** Another instance has the organisation's data. */
  final class ElsewhereException extends UnavailableException {
    private static final long serialVersionUID = 1L;

    private final InetSocketAddress owner;

    /**
     * @param owner where it says that it can be reached
     */
    public ElsewhereException(InetSocketAddress owner) {
      super("another instance has the books of this organisation");
      this.owner = owner;
    }

    public InetSocketAddress owner() {
      return owner;
    }
  }

  /**
   * Books and how far they reach, of one moment.
   *
   * @param books the ledger
   * @param partition of {@code usage} that the organisation's usage is in; -1 before its first
   * @param offset of the last record handled; -1 before the first
   * @param usageRecords handled, repetitions not counted
   */
  record Standing(Books books, int partition, long offset, long usageRecords) {}

  /**
   * A billing period of an organisation.
   *
   * @param sums entries, and what they charge: the net change of the receivable and of credit
   * @param clock of the organisation's partition: what it has closed stays closed
   */
  record Period(ChargeSums sums, Instant clock) {}

  /** Where the organisation stands. */
  Standing standing(String organization) throws UnavailableException;

  /** Entries after a sequence, in order, at most so many; only the latest are kept. */
  List<LedgerEntryPosted> entries(String organization, long afterSequence, int limit)
      throws UnavailableException;

  /** Gives every sum of buckets that begin from one time until before another. */
  void buckets(
      String organization,
      BucketWidth width,
      Instant from,
      Instant to,
      BiConsumer<RollUpKey.Bucket, RollUp> visitor)
      throws UnavailableException;

  /** Gives every sum of end users or tags from a day until before another. */
  void labels(
      String organization,
      Label label,
      LocalDate from,
      LocalDate to,
      BiConsumer<RollUpKey.Labelled, RollUp> visitor)
      throws UnavailableException;

  /** Gives every sum of providers' models from a day until before another. */
  void upstream(
      String organization,
      LocalDate from,
      LocalDate to,
      BiConsumer<RollUpKey.Upstream, RollUp> visitor)
      throws UnavailableException;

  /** Gives every sum of charges that are booked in a period. */
  void charges(String organization, YearMonth period, BiConsumer<ChargeKey, ChargeSums> visitor)
      throws UnavailableException;

  /** Gives, by grant of credit, what was paid from it in a period; quantities are entries. */
  void credits(String organization, YearMonth period, BiConsumer<String, ChargeSums> visitor)
      throws UnavailableException;

  /** A period as a whole, as the ledger has it. */
  Period period(String organization, YearMonth period) throws UnavailableException;

  /** Gives every lifetime sum. */
  void totals(String organization, BiConsumer<RollUpKey.Total, RollUp> visitor)
      throws UnavailableException;
}
