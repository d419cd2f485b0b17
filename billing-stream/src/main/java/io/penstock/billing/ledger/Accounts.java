package io.penstock.billing.ledger;

import org.jspecify.annotations.Nullable;

/**
 * The chart of accounts of an organisation; {@code docs/ledger.md} explains each. Names are part of
 * the public contract of {@code ledger} and {@code balances}.
 */
public final class Accounts {

  /** What the organisation owes: debited with every charge. */
  public static final String RECEIVABLE = "receivable";

  /** What was earned within the holds. */
  public static final String REVENUE = "revenue";

  /** What was earned beyond the holds, because an upper bound failed. */
  public static final String OVERAGE = "overage";

  private static final String CREDIT = "credit/";
  private static final String COST = "cost/";
  private static final String PAYABLE = "payable/";
  private static final String CLEARING = "clearing/";

  private Accounts() {}

  /** What was paid from a grant of credit: debited instead of the receivable. */
  public static String credit(String grant) {
    return CREDIT + grant;
  }

  /** The grant of an account of credit; null for every other account. */
  public static @Nullable String grant(String account) {
    return account.startsWith(CREDIT) ? account.substring(CREDIT.length()) : null;
  }

  /** What calls of a pool cost. */
  public static String cost(String pool) {
    return COST + pool;
  }

  /** What is owed to the provider behind a pool. */
  public static String payable(String pool) {
    return PAYABLE + pool;
  }

  /** Where the total of a request meets its parts; zero after every entry. */
  public static String clearing(String request) {
    return CLEARING + request;
  }

  /**
   * Whether an account is between the organisation and us, and not between us and a provider. What
   * is posted on such accounts balances in every entry.
   */
  public static boolean isOfCustomer(String account) {
    return !account.startsWith(COST) && !account.startsWith(PAYABLE) && !isClearing(account);
  }

  /** Whether an account has to be zero after every entry, and so needs no balance. */
  static boolean isClearing(String account) {
    return account.startsWith(CLEARING);
  }
}
