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
