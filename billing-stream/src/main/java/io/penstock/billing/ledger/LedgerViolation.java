package io.penstock.billing.ledger;

/**
 * The books would no longer be right: a bug here or in the stage before. It must stop the
 * partition, because whatever is booked after it would be built on a wrong number.
 */
public final class LedgerViolation extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LedgerViolation(String message) {
    super(message);
  }
}
