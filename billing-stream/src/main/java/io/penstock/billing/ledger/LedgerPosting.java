package io.penstock.billing.ledger;

import io.penstock.schemas.avro.Side;

/**
 * One side of an entry.
 *
 * @param account name inside the organisation
 * @param amountNanoUsd more than zero
 */
public record LedgerPosting(String account, Side side, long amountNanoUsd) {

  /**
   * @throws LedgerViolation when the amount is not positive
   */
  public LedgerPosting {
    if (amountNanoUsd <= 0) {
      throw new LedgerViolation(
          "a posting on " + account + " must be positive, not " + amountNanoUsd);
    }
  }
}
