package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetWindow;
import java.time.DateTimeException;
import java.time.ZoneId;

/** One of {@code budgets}. */
final class BudgetSection {

  private BudgetSection() {}

  static BudgetEntry read(Section section) {
    var scope = section.choice("scope", BudgetScope.class, BudgetScope.ORGANIZATION);
    var scopeName = section.textOrNull("scope-name");
    if ((scope == BudgetScope.ORGANIZATION) != (scopeName == null)) {
      section.error(
          "scope-name",
          scopeName == null
              ? "is required for this scope"
              : "has no meaning for the organisation itself");
    }
    return BudgetEntry.newBuilder()
        .setId(Names.segment(section, "id"))
        .setOrganization(Names.segment(section, "organization"))
        .setScope(scope)
        .setScopeName(scopeName)
        .setLimitNanoUsd(limit(section))
        .setWindow(section.choice("window", BudgetWindow.class, BudgetWindow.LIFETIME))
        .setTimeZone(timeZone(section))
        .setHard(section.flag("hard", true))
        .build();
  }

  private static long limit(Section section) {
    var text = section.requiredText("limit");
    if (text.isEmpty()) {
      return 0;
    }
    try {
      var limit = text.length() > 32 ? null : Money.ofUsd(text);
      if (limit != null && !limit.isNegative()) {
        return limit.nanoUsd();
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // falls through to the one message for all
    }
    section.error(
        "limit", "must be an amount in USD with at most 9 decimals, not below 0: " + text);
    return 0;
  }

  private static String timeZone(Section section) {
    var zone = section.text("time-zone", "UTC");
    try {
      return ZoneId.of(zone).getId();
    } catch (DateTimeException e) {
      section.error("time-zone", "must be a time zone such as UTC or Europe/Berlin: " + zone);
      return "UTC";
    }
  }
}
