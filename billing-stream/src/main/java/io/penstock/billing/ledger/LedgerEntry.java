package io.penstock.billing.ledger;

import io.penstock.schemas.avro.Side;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;

/**
 * A balanced entry in USD: one that is not balanced cannot be made.
 *
 * @param entryId unique, derived from the usage id
 * @param organization whose books it belongs to
 * @param requestId the request that it is about
 * @param usageId the usage record that it books
 * @param postings none, when nothing was charged and nothing cost anything; else at least two
 * @param occurredAt when the booked thing happened
 */
public record LedgerEntry(
    String entryId,
    String organization,
    String requestId,
    String usageId,
    List<LedgerPosting> postings,
    Instant occurredAt) {

  /**
   * @throws LedgerViolation when debits are not credits, or a clearing account does not return to
   *     zero
   */
  public LedgerEntry {
    postings = List.copyOf(postings);
    var difference = 0L;
    var clearing = new HashMap<String, Long>();
    for (var posting : postings) {
      var signed =
          posting.side() == Side.DEBIT ? posting.amountNanoUsd() : -posting.amountNanoUsd();
      difference = Math.addExact(difference, signed);
      if (Accounts.isClearing(posting.account())) {
        clearing.merge(posting.account(), signed, Math::addExact);
      }
    }
    if (difference != 0) {
      throw new LedgerViolation(
          "entry " + entryId + ": debits exceed credits by " + difference + " nano-USD");
    }
    for (var account : clearing.entrySet()) {
      if (account.getValue() != 0) {
        throw new LedgerViolation(
            "entry "
                + entryId
                + ": "
                + account.getKey()
                + " keeps "
                + account.getValue()
                + " nano-USD");
      }
    }
  }

  /** Whether there is nothing to book. */
  public boolean isEmpty() {
    return postings.isEmpty();
  }

  /**
   * Sum of one side, nano-USD.
   *
   * @throws ArithmeticException when it does not fit
   */
  public long total(Side side) {
    var total = 0L;
    for (var posting : postings) {
      if (posting.side() == side) {
        total = Math.addExact(total, posting.amountNanoUsd());
      }
    }
    return total;
  }
}
