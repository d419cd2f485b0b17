package io.penstock.router.budget;

/** Looks up what is used of accounts. */
@FunctionalInterface
public interface Balances {

  /**
   * The balance of an account; zero for one that was never used. Of a rolling window, all that
   * counts in the part that the account names.
   */
  Balance of(String account);
}
