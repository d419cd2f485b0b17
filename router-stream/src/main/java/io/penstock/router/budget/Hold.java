package io.penstock.router.budget;

import io.penstock.platform.money.Money;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Money reserved on several budgets at once.
 *
 * @param amount the same on each
 * @param accounts where
 */
public record Hold(Money amount, List<Account> accounts) {

  public Hold {
    accounts = List.copyOf(accounts);
  }

  /**
   * A budget in one of its windows.
   *
   * @param name {@code organisation|budget|window}
   * @param endsAt end of the window; absent when it never ends
   */
  public record Account(String name, @Nullable Instant endsAt) {}

  /** The accounts' names. */
  public List<String> names() {
    return accounts.stream().map(Account::name).toList();
  }
}
