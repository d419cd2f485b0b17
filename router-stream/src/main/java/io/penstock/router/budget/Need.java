package io.penstock.router.budget;

import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.BudgetUnit;

/**
 * The most that a request can use.
 *
 * @param money at the dearest of its targets
 * @param tokens input and output
 */
public record Need(Money money, long tokens) {

  /** In the unit of a budget. */
  long in(BudgetUnit unit) {
    return switch (unit) {
      case NANO_USD -> money.nanoUsd();
      case TOKENS -> tokens;
      case REQUESTS -> 1;
    };
  }
}
