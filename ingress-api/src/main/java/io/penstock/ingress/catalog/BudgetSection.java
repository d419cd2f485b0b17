package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.BudgetCondition;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.DegradeRule;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One of {@code budgets}. */
final class BudgetSection {

  /** A soft budget may be used many times over. */
  private static final int PERCENT_MAX = 1_000;

  private BudgetSection() {}

  static BudgetEntry read(Section section) {
    var scope = section.choice("scope", BudgetScope.class, BudgetScope.ORGANIZATION);
    var scopeName = section.textOrNull("scope-name");
    if (scope == BudgetScope.ORGANIZATION && scopeName != null) {
      section.error("scope-name", "has no meaning for the organisation itself");
    }
    var unit = unit(section);
    var window = section.choice("window", BudgetWindow.class, BudgetWindow.LIFETIME);
    var rolling = section.flag("rolling", false);
    if (rolling && window == BudgetWindow.LIFETIME) {
      section.error("rolling", "needs a window that ends");
    }
    var hard = section.flag("hard", true);
    if (!hard && section.has("grace")) {
      section.error("grace", "has no meaning for a budget that never refuses");
    }
    return BudgetEntry.newBuilder()
        .setId(Names.segment(section, "id"))
        .setOrganization(Names.segment(section, "organization"))
        .setScope(scope)
        .setScopeName(scopeName)
        .setLimitNanoUsd(amount(section, "limit", unit, section.requiredText("limit")))
        .setUnit(unit)
        .setWindow(window)
        .setRolling(rolling)
        .setTimeZone(timeZone(section))
        .setHard(hard)
        .setGrace(amount(section, "grace", unit, section.text("grace", "")))
        .setConditions(conditions(section))
        .setGroupBy(groupBy(section))
        .setAlertPercent(alertPercent(section))
        .setDegrade(degrade(section))
        .build();
  }

  /** {@code usd} for people, who do not count in nano-USD. */
  private static BudgetUnit unit(Section section) {
    return switch (section.text("unit", "usd").toLowerCase(Locale.ROOT)) {
      case "usd" -> BudgetUnit.NANO_USD;
      case "tokens" -> BudgetUnit.TOKENS;
      case "requests" -> BudgetUnit.REQUESTS;
      default -> {
        section.error("unit", "must be one of usd, tokens, requests");
        yield BudgetUnit.NANO_USD;
      }
    };
  }

  private static long amount(Section section, String key, BudgetUnit unit, String text) {
    if (text.isEmpty()) {
      return 0;
    }
    return switch (unit) {
      case NANO_USD -> Amounts.usd(section, key, text);
      case TOKENS, REQUESTS -> section.number(key, 0, 0, Long.MAX_VALUE);
    };
  }

  private static List<BudgetCondition> conditions(Section budget) {
    var conditions = new ArrayList<BudgetCondition>();
    for (var section : budget.sections("conditions")) {
      var values = section.texts("values");
      if (values.isEmpty()) {
        section.error("values", "must name at least one");
      }
      if (!section.has("dimension")) {
        section.error("dimension", "is required");
      }
      conditions.add(
          new BudgetCondition(
              section.choice("dimension", BudgetScope.class, BudgetScope.ORGANIZATION), values));
    }
    return conditions;
  }

  private static List<BudgetScope> groupBy(Section section) {
    var scopes = new ArrayList<BudgetScope>();
    for (var text : section.texts("group-by")) {
      var name = text.toUpperCase(Locale.ROOT).replace('-', '_');
      BudgetScope found = null;
      for (var scope : BudgetScope.values()) {
        found = scope.name().equals(name) ? scope : found;
      }
      if (found == null || found == BudgetScope.ORGANIZATION) {
        section.error(
            "group-by", "must be of team, project, api_key, end_user, tag, model, not " + text);
      } else if (!scopes.contains(found)) {
        scopes.add(found);
      }
    }
    return scopes;
  }

  private static List<Integer> alertPercent(Section section) {
    var percents = new ArrayList<Integer>();
    for (var text : section.texts("alert-percent")) {
      try {
        var percent = Integer.parseInt(text);
        if (percent >= 1 && percent <= PERCENT_MAX) {
          percents.add(percent);
          continue;
        }
      } catch (NumberFormatException e) {
        // falls through to the one message for both
      }
      section.error(
          "alert-percent", "must be whole numbers from 1 to " + PERCENT_MAX + ", not " + text);
    }
    return percents;
  }

  private static List<DegradeRule> degrade(Section budget) {
    var rules = new ArrayList<DegradeRule>();
    for (var section : budget.sections("degrade")) {
      rules.add(
          DegradeRule.newBuilder()
              .setFromPercent((int) section.number("from-percent", 80, 0, PERCENT_MAX))
              .setModel(Names.model(section, "model"))
              .setOnly(section.texts("only"))
              .build());
    }
    return rules;
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
