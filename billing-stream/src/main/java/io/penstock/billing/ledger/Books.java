package io.penstock.billing.ledger;

import io.penstock.schemas.avro.Side;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The books of one organisation: immutable, and balanced as a whole after every entry.
 *
 * @param sequence of the last entry, counted from 1 without gaps; 0 before the first
 * @param accounts by name; clearing accounts are not among them, because they are zero
 */
public record Books(String organization, long sequence, SortedMap<String, Balance> accounts) {

  public Books {
    accounts = Collections.unmodifiableSortedMap(new TreeMap<>(accounts));
  }

  /** Books without any entry. */
  public static Books empty(String organization) {
    return new Books(organization, 0, new TreeMap<>());
  }

  /**
   * The books after an entry, which gets the next sequence.
   *
   * @param at when it is booked
   * @throws LedgerViolation when the books as a whole are not balanced afterwards, or the entry is
   *     not of this organisation
   * @throws ArithmeticException when a balance does not fit
   */
  public Books plus(LedgerEntry entry, Instant at) {
    if (!entry.organization().equals(organization)) {
      throw new LedgerViolation(
          "entry " + entry.entryId() + " does not belong to the books of " + organization);
    }
    if (entry.isEmpty()) {
      return this;
    }
    var next = new TreeMap<>(accounts);
    for (var posting : entry.postings()) {
      if (!Accounts.isClearing(posting.account())) {
        var balance = next.getOrDefault(posting.account(), Balance.ZERO);
        next.put(posting.account(), balance.plus(posting, sequence + 1, at));
      }
    }
    var books = new Books(organization, sequence + 1, next);
    if (!books.isBalanced()) {
      throw new LedgerViolation(
          "the books of " + organization + " are not balanced after entry " + entry.entryId());
    }
    return books;
  }

  /** Whether debits of all accounts equal credits of all accounts. */
  public boolean isBalanced() {
    return total(Side.DEBIT) == total(Side.CREDIT);
  }

  /**
   * Sum of one side over all accounts, nano-USD.
   *
   * @throws ArithmeticException when it does not fit
   */
  public long total(Side side) {
    return total(side, _ -> true);
  }

  /**
   * Sum of one side over some accounts, nano-USD.
   *
   * @param which by their names
   * @throws ArithmeticException when it does not fit
   */
  public long total(Side side, Predicate<String> which) {
    var total = 0L;
    for (var account : accounts.entrySet()) {
      if (which.test(account.getKey())) {
        total = Math.addExact(total, account.getValue().total(side));
      }
    }
    return total;
  }
}
