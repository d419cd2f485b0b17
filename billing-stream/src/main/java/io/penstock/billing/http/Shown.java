package io.penstock.billing.http;

import io.penstock.billing.ledger.Accounts;

/**
 * How much of the books a caller sees. Whoever sells what he buys does not show his customers what
 * he pays: an organisation sees what it is charged, whatever the role of its key, and only a super
 * administrator sees the cost, the margin, and the list price, which mostly is the cost.
 */
enum Shown {
  /** What the organisation is charged. */
  CHARGE,
  /** All that there is. */
  EVERYTHING;

  /** Whether an account, or a posting on it, is shown. */
  boolean shows(String account) {
    return this == EVERYTHING || Accounts.isOfCustomer(account);
  }
}
