package io.penstock.billing.ledger;

import io.penstock.schemas.avro.Side;
import java.time.Instant;

/**
 * What was ever debited and credited on an account.
 *
 * @param debitsNanoUsd never decreases
 * @param creditsNanoUsd never decreases
 * @param sequence of the last entry booked here
 * @param bookedAt when that was
 */
public record Balance(long debitsNanoUsd, long creditsNanoUsd, long sequence, Instant bookedAt) {

  static final Balance ZERO = new Balance(0, 0, 0, Instant.EPOCH);

  Balance plus(LedgerPosting posting, long atSequence, Instant at) {
    return switch (posting.side()) {
      case DEBIT ->
          new Balance(
              Math.addExact(debitsNanoUsd, posting.amountNanoUsd()),
              creditsNanoUsd,
              atSequence,
              at);
      case CREDIT ->
          new Balance(
              debitsNanoUsd,
              Math.addExact(creditsNanoUsd, posting.amountNanoUsd()),
              atSequence,
              at);
    };
  }

  /** Sum of one side. */
  public long total(Side side) {
    return side == Side.DEBIT ? debitsNanoUsd : creditsNanoUsd;
  }
}
