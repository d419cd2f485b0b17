package io.penstock.billing.ledger;

import java.time.Instant;

/**
 * The end of a partition's hash chain: the next entry is chained to it.
 *
 * @param position of the last entry; 0 before the first
 * @param hash of the last entry, lower-case hex; zeros before the first
 * @param clock the latest time seen on the partition; it never goes back, so what it has closed
 *     stays closed
 */
public record ChainHead(long position, String hash, Instant clock) {

  /** Before the first entry. */
  public static final ChainHead GENESIS = new ChainHead(0, "0".repeat(64), Instant.EPOCH);

  /** The same end, at a time; an earlier one changes nothing. */
  public ChainHead at(Instant time) {
    return time.isAfter(clock) ? new ChainHead(position, hash, time) : this;
  }

  ChainHead next(String nextHash) {
    return new ChainHead(position + 1, nextHash, clock);
  }
}
