package io.penstock.billing.report;

import io.penstock.billing.ledger.Books;
import io.penstock.schemas.avro.LedgerEntryPosted;
import java.time.LocalDate;
import java.util.List;
import java.util.function.BiConsumer;

/** What reports are made of; always of one organisation. Thread-safe. */
public interface BillingReader {

  /**
   * The organisation's data is not here now: another instance has it, or it is being restored. Ask
   * again.
   */
  final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnavailableException(String message) {
      super(message);
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

  /** Where the organisation stands. */
  Standing standing(String organization) throws UnavailableException;

  /** Entries after a sequence, in order, at most so many; only the latest are kept. */
  List<LedgerEntryPosted> entries(String organization, long afterSequence, int limit)
      throws UnavailableException;

  /** Gives every daily sum from a day to a day, both included. */
  void daily(
      String organization,
      LocalDate from,
      LocalDate to,
      BiConsumer<RollUpKey.Daily, RollUp> visitor)
      throws UnavailableException;

  /** Gives every lifetime sum. */
  void totals(String organization, BiConsumer<RollUpKey.Total, RollUp> visitor)
      throws UnavailableException;
}
