package io.penstock.router.route;

import io.penstock.platform.money.Money;
import io.penstock.router.budget.Alert;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What an organisation is told of its money, on topic {@code audit}. */
final class Alarms {

  private static final String ACTOR = "system";

  private Alarms() {}

  /** A budget has reached a threshold. */
  static AuditRecorded threshold(Alert alert, Instant now) {
    var budget = alert.budget();
    var unit = budget.getUnit();
    var details = new TreeMap<String, String>();
    details.put("budget", budget.getId());
    details.put("scope", budget.getScope().name().toLowerCase(Locale.ROOT));
    details.put("group", alert.group());
    details.put("percent", Integer.toString(alert.percent()));
    details.put("limit", amount(budget.getLimitNanoUsd(), unit));
    details.put("used", amount(alert.used(), unit));
    details.put("unit", unit == BudgetUnit.NANO_USD ? "usd" : unit.name().toLowerCase(Locale.ROOT));
    details.put("window", alert.window());
    return new AuditRecorded(
        budget.getOrganization(), ACTOR, "budget.threshold", budget.getId(), null, details, now);
  }

  /** A charge was above its hold. */
  static AuditRecorded overage(UsageRecorded usage) {
    var details = new TreeMap<String, String>();
    details.put("held_usd", new Money(usage.getHoldNanoUsd()).usd());
    details.put("charged_usd", new Money(usage.getChargeNanoUsd()).usd());
    details.put("overage_usd", new Money(usage.getOverageNanoUsd()).usd());
    return about(usage, "budget.overage", details);
  }

  /** What a call used was posted after its hold had been released. */
  static AuditRecorded late(UsageRecorded usage) {
    var details = new TreeMap<String, String>();
    details.put("cost_usd", new Money(usage.getCostNanoUsd()).usd());
    return about(usage, "settlement.late", details);
  }

  /** A model has no known price: it was refused, or charged nothing. */
  static AuditRecorded priceUnknown(String organization, String model, String what, Instant now) {
    var details = new TreeMap<String, String>();
    details.put("model", model);
    details.put("what", what);
    return new AuditRecorded(organization, ACTOR, "price.unknown", model, null, details, now);
  }

  private static AuditRecorded about(
      UsageRecorded usage, String action, Map<String, String> details) {
    details.put("usage", usage.getUsageId());
    details.put("model", usage.getModel());
    details.put("api_key", usage.getApiKey());
    return new AuditRecorded(
        usage.getOrganization(),
        ACTOR,
        action,
        usage.getRequestId(),
        null,
        details,
        usage.getRecordedAt());
  }

  private static String amount(long amount, BudgetUnit unit) {
    return unit == BudgetUnit.NANO_USD ? new Money(amount).usd() : Long.toString(amount);
  }
}
