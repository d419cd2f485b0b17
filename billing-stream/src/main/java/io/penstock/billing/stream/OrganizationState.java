package io.penstock.billing.stream;

import io.penstock.billing.ledger.Books;

/**
 * All that billing knows of an organisation in one value, so that a reader never sees half an
 * entry.
 *
 * @param books its ledger
 * @param position how far its usage has been handled
 */
public record OrganizationState(Books books, UsagePosition position) {

  /**
   * How far an organisation's usage has been handled.
   *
   * @param partition of {@code usage} that it comes from
   * @param offset of the last record handled; -1 before the first
   * @param records handled, repetitions not counted
   * @param repeated repetitions that were recognised
   */
  public record UsagePosition(int partition, long offset, long records, long repeated) {

    static final UsagePosition NONE = new UsagePosition(-1, -1, 0, 0);

    UsagePosition handled(int atPartition, long atOffset) {
      return new UsagePosition(atPartition, atOffset, records + 1, repeated);
    }

    UsagePosition repeated(int atPartition, long atOffset) {
      return new UsagePosition(atPartition, atOffset, records, repeated + 1);
    }
  }

  /** The same, after one more repetition. */
  OrganizationState repeated(int partition, long offset) {
    return new OrganizationState(books, position.repeated(partition, offset));
  }

  /** Nothing has been booked yet. */
  public static OrganizationState empty(String organization) {
    return new OrganizationState(Books.empty(organization), UsagePosition.NONE);
  }
}
