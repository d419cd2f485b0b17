package io.penstock.billing.report;

import io.penstock.platform.money.Money;
import io.penstock.schemas.TokenClass;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/**
 * The charges of a month as a FOCUS 1.2 data set (focus.finops.org): one row for each day, key,
 * model, token class and price. What FOCUS calls null is an empty field here. The sum of {@code
 * BilledCost} is what the invoice says has to be paid: where that was rounded, a row of category
 * {@code Adjustment} holds the difference, and what was paid from credit is in rows of category
 * {@code Credit}.
 */
public final class FocusExport {

  private static final String ISSUER = "Penstock";
  private static final int MILLION_DIGITS = 6;

  private FocusExport() {}

  /**
   * The whole export as CSV.
   *
   * @param publisher name of the provider behind a pool
   */
  public static String csv(
      Invoice invoice, Map<ChargeKey, ChargeSums> charges, UnaryOperator<String> publisher) {
    var csv = new StringBuilder();
    csv.append(Csv.line(List.copyOf(row(invoice).keySet())));
    charges.forEach(
        (key, sums) ->
            csv.append(Csv.line(List.copyOf(row(invoice, key, sums, publisher).values()))));
    invoice
        .credits()
        .forEach(paid -> csv.append(Csv.line(List.copyOf(credit(invoice, paid).values()))));
    var rounding =
        Math.subtractExact(
            Math.multiplyExact(invoice.payableCents(), 10_000_000L),
            Math.subtractExact(invoice.totalNanoUsd(), invoice.creditNanoUsd()));
    if (rounding != 0) {
      csv.append(Csv.line(List.copyOf(rounding(invoice, rounding).values())));
    }
    return csv.toString();
  }

  private static SequencedMap<String, String> row(
      Invoice invoice, ChargeKey key, ChargeSums sums, UnaryOperator<String> publisher) {
    var row = row(invoice);
    var cost = new Money(sums.amountNanoUsd()).usd();
    costs(row, cost);
    charged(row, key.day(), key.day().plusDays(1));
    var correction = key.tokenClass().equals(TokenClasses.CORRECTION);
    row.put("ChargeCategory", correction ? "Adjustment" : "Usage");
    row.put("ChargeClass", key.correctsPeriod().isEmpty() ? "" : "Correction");
    row.put("ChargeFrequency", correction ? "One-Time" : "Usage-Based");
    row.put(
        "ChargeDescription",
        key.model()
            + " "
            + key.tokenClass()
            + (key.correctsPeriod().isEmpty() ? "" : ", correction of " + key.correctsPeriod()));
    row.put("ResourceId", key.apiKey());
    row.put("ResourceType", "API key");
    row.put("SubAccountId", key.project());
    row.put("SubAccountName", key.project());
    row.put("SubAccountType", key.project().isEmpty() ? "" : "Project");
    if (!correction) {
      var unit = key.tokenClass().startsWith(TokenClass.TOOL_UNITS) ? "Units" : "Tokens";
      row.put("ConsumedQuantity", Long.toString(sums.quantity()));
      row.put("ConsumedUnit", unit);
      row.put(
          "PricingQuantity",
          BigDecimal.valueOf(sums.quantity(), MILLION_DIGITS).stripTrailingZeros().toPlainString());
      row.put("PricingUnit", "1000000 " + unit);
      row.put("ListUnitPrice", key.usdPerMillion());
      row.put("ContractedUnitPrice", key.usdPerMillion());
      row.put("PublisherName", key.pool().isEmpty() ? ISSUER : publisher.apply(key.pool()));
      row.put("SkuId", key.pool().isEmpty() ? key.model() : key.pool() + "/" + key.model());
      row.put("SkuMeter", key.tokenClass());
      row.put("SkuPriceId", key.price() + "@" + key.priceVersion() + "#" + key.tokenClass());
    }
    row.put("x_Team", key.team());
    row.put("x_Model", key.model());
    row.put("x_TokenClass", key.tokenClass());
    row.put("x_CorrectsPeriod", key.correctsPeriod());
    row.put("x_RequestCount", Long.toString(sums.lines()));
    return row;
  }

  /** What was paid in advance lowers what is billed. */
  private static SequencedMap<String, String> credit(Invoice invoice, Invoice.Credit paid) {
    var row = row(invoice);
    costs(row, new Money(Math.negateExact(paid.amountNanoUsd())).usd());
    charged(row, invoice.period().atDay(1), invoice.period().plusMonths(1).atDay(1));
    row.put("ChargeCategory", "Credit");
    row.put("ChargeFrequency", "One-Time");
    row.put("ChargeDescription", "Paid from credit " + paid.grant());
    return row;
  }

  private static SequencedMap<String, String> rounding(Invoice invoice, long nanoUsd) {
    var row = row(invoice);
    costs(row, new Money(nanoUsd).usd());
    charged(row, invoice.period().atDay(1), invoice.period().plusMonths(1).atDay(1));
    row.put("ChargeCategory", "Adjustment");
    row.put("ChargeFrequency", "One-Time");
    row.put("ChargeDescription", "Rounding of the invoice to cents");
    return row;
  }

  private static void costs(Map<String, String> row, String cost) {
    row.put("BilledCost", cost);
    row.put("ContractedCost", cost);
    row.put("EffectiveCost", cost);
    row.put("ListCost", cost);
  }

  private static void charged(Map<String, String> row, LocalDate from, LocalDate to) {
    row.put("ChargePeriodStart", start(from));
    row.put("ChargePeriodEnd", start(to));
  }

  /** All columns in their order, and what every row says. */
  private static SequencedMap<String, String> row(Invoice invoice) {
    var row = new LinkedHashMap<String, String>();
    for (var column : COLUMNS) {
      row.put(column, "");
    }
    row.put("BillingAccountId", invoice.organization());
    row.put("BillingAccountName", invoice.name());
    row.put("BillingAccountType", "Organization");
    row.put("BillingCurrency", "USD");
    row.put("BillingPeriodStart", start(invoice.period()));
    row.put("BillingPeriodEnd", start(invoice.period().plusMonths(1)));
    row.put("InvoiceId", invoice.id());
    row.put("InvoiceIssuerName", ISSUER);
    row.put("ProviderName", ISSUER);
    row.put("PublisherName", ISSUER);
    row.put("ServiceCategory", "AI and Machine Learning");
    row.put("ServiceName", "Inference");
    row.put("ServiceSubcategory", "Generative AI");
    return row;
  }

  private static String start(YearMonth period) {
    return start(period.atDay(1));
  }

  private static String start(LocalDate day) {
    return day + "T00:00:00Z";
  }

  private static final List<String> COLUMNS =
      List.of(
          "BilledCost",
          "BillingAccountId",
          "BillingAccountName",
          "BillingAccountType",
          "BillingCurrency",
          "BillingPeriodEnd",
          "BillingPeriodStart",
          "ChargeCategory",
          "ChargeClass",
          "ChargeDescription",
          "ChargeFrequency",
          "ChargePeriodEnd",
          "ChargePeriodStart",
          "ConsumedQuantity",
          "ConsumedUnit",
          "ContractedCost",
          "ContractedUnitPrice",
          "EffectiveCost",
          "InvoiceId",
          "InvoiceIssuerName",
          "ListCost",
          "ListUnitPrice",
          "PricingQuantity",
          "PricingUnit",
          "ProviderName",
          "PublisherName",
          "ResourceId",
          "ResourceType",
          "ServiceCategory",
          "ServiceName",
          "ServiceSubcategory",
          "SkuId",
          "SkuMeter",
          "SkuPriceId",
          "SubAccountId",
          "SubAccountName",
          "SubAccountType",
          "x_Team",
          "x_Model",
          "x_TokenClass",
          "x_CorrectsPeriod",
          "x_RequestCount");
}
