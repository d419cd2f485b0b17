package io.penstock.router.budget;

import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.HeldOn;
import java.util.ArrayList;
import java.util.List;

/**
 * What is reserved for a request: on every budget that covers it, and of credit, together or not at
 * all.
 *
 * @param amount the most that the request can cost
 * @param accounts budgets first, widest first; then grants of credit in the order in which they are
 *     consumed
 * @param alerts thresholds that are reached by it
 */
public record Hold(Money amount, List<Account> accounts, List<Alert> alerts) {

  public Hold {
    accounts = List.copyOf(accounts);
    alerts = List.copyOf(alerts);
  }

  /**
   * A part of it.
   *
   * @param name see {@link AccountNames}
   * @param unit of the amount
   * @param amount how much
   * @param endsAt end of the window, milliseconds since 1970; {@code Long.MAX_VALUE} when it never
   *     ends
   * @param told percent of the limit that is told of now; 0 when nothing is
   */
  public record Account(String name, BudgetUnit unit, long amount, long endsAt, int told) {}

  /** As a request remembers it. */
  public List<HeldOn> held() {
    if (accounts.isEmpty()) {
      return List.of();
    }
    var held = new ArrayList<HeldOn>(accounts.size());
    for (var account : accounts) {
      held.add(new HeldOn(account.name(), account.amount(), account.unit()));
    }
    return held;
  }
}
