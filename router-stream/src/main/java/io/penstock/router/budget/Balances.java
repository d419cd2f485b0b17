package io.penstock.router.budget;

/** Looks up what is used of budgets. */
@FunctionalInterface
public interface Balances {

  /** The balance of an account; zero for one that was never used. */
  Balance of(String account);
}
