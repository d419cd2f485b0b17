package io.penstock.billing.stream;

/**
 * A usage record that cannot be booked: billing stops before it. Says which, so that somebody can
 * look at it; its cause says why.
 */
public final class BookingStopped extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String organization;
  private final String usageId;
  private final int partition;
  private final long offset;

  BookingStopped(
      String organization, String usageId, int partition, long offset, RuntimeException cause) {
    super(String.valueOf(cause.getMessage()), cause);
    this.organization = organization;
    this.usageId = usageId;
    this.partition = partition;
    this.offset = offset;
  }

  /** What an operator has to do about it. */
  public String remedy() {
    return "usage "
        + usageId
        + " at offset "
        + offset
        + " of partition "
        + partition
        + " has to be looked at: nothing of it is booked, and nothing after it will be. Correct the stage"
        + " that wrote it or the software that reads it, then start billing again; it goes on at this"
        + " record (docs/ledger.md, \"When billing stops\").";
  }

  public String organization() {
    return organization;
  }

  public String usageId() {
    return usageId;
  }

  /** Partition of {@code usage}. */
  public int partition() {
    return partition;
  }

  public long offset() {
    return offset;
  }
}
