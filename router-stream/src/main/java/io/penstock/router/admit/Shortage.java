package io.penstock.router.admit;

import io.penstock.platform.money.Money;
import io.penstock.router.budget.Verdict;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.BudgetUnit;
import java.util.Locale;
import java.util.TreeMap;

/** Says which budget, or that the credit, does not bear a request. */
final class Shortage {

  private Shortage() {}

  static Refusal of(Verdict.Exceeded exceeded) {
    var budget = exceeded.budget();
    var unit = budget.getUnit();
    var scope = budget.getScope().name().toLowerCase(Locale.ROOT);
    var balance = exceeded.balance();
    var limit = amount(budget.getLimitNanoUsd(), unit);
    var left = amount(exceeded.left(), unit);
    var needed = amount(exceeded.needed(), unit);
    var details = new TreeMap<String, String>();
    details.put("budget", budget.getId());
    details.put("scope", scope);
    details.put("unit", name(unit));
    details.put("limit", limit);
    details.put("spent", amount(balance.posted(), unit));
    details.put("held", amount(balance.held(), unit));
    details.put("left", left);
    details.put("needed", needed);
    if (unit == BudgetUnit.NANO_USD) {
      details.put("limit_usd", limit);
      details.put("left_usd", left);
      details.put("needed_usd", needed);
    }
    if (budget.getGrace() > 0) {
      details.put("grace", amount(budget.getGrace(), unit));
    }
    if (!exceeded.group().isEmpty()) {
      details.put("group", exceeded.group());
    }
    var word = unit == BudgetUnit.NANO_USD ? "USD" : name(unit);
    var message =
        "The budget '%s' (%s) of %s %s has %s %s left, and up to %s %s are needed"
            .formatted(
                budget.getId(),
                exceeded.group().isEmpty() ? scope : scope + ", " + exceeded.group(),
                limit,
                word,
                left,
                word,
                needed,
                word);
    var resetsAt = exceeded.resetsAt();
    if (resetsAt == null) {
      return new Refusal(ErrorCode.BUDGET_EXCEEDED, message + ".", details);
    }
    details.put("resets_at", resetsAt.toString());
    var then = budget.getRolling() ? "some of it is free again at " : "it starts anew at ";
    return new Refusal(ErrorCode.BUDGET_EXCEEDED, message + "; " + then + resetsAt + ".", details);
  }

  static Refusal of(Verdict.OutOfCredit lacking) {
    var left = new Money(lacking.left()).usd();
    var needed = new Money(lacking.needed()).usd();
    var details = new TreeMap<String, String>();
    details.put("reason", "insufficient_credit");
    details.put("scope", "credit");
    details.put("unit", name(BudgetUnit.NANO_USD));
    details.put("left", left);
    details.put("needed", needed);
    details.put("left_usd", left);
    details.put("needed_usd", needed);
    return new Refusal(
        ErrorCode.BUDGET_EXCEEDED,
        "The organisation has %s USD of credit left, and up to %s USD are needed."
            .formatted(left, needed),
        details);
  }

  private static String amount(long amount, BudgetUnit unit) {
    return unit == BudgetUnit.NANO_USD ? new Money(amount).usd() : Long.toString(amount);
  }

  private static String name(BudgetUnit unit) {
    return switch (unit) {
      case NANO_USD -> "usd";
      case TOKENS -> "tokens";
      case REQUESTS -> "requests";
    };
  }
}
