package io.penstock.billing.http;

import io.penstock.billing.report.Cents;
import io.penstock.billing.report.Invoice;
import io.penstock.billing.report.Invoice.Status;
import io.penstock.platform.money.Money;
import java.util.Locale;

/** An invoice as one HTML page to print: no script, nothing from elsewhere. */
final class InvoicePage {

  private static final String STYLE =
      """
      :root { color-scheme: light; }
      body { font: 14px/1.5 system-ui, sans-serif; color: #1a2733; max-width: 54rem; margin: 3rem auto; padding: 0 2rem; }
      header { display: flex; justify-content: space-between; border-bottom: 3px solid #0b5a7a; padding-bottom: 1rem; }
      h1 { font-size: 1.7rem; margin: 0; color: #0b5a7a; }
      .status { text-transform: uppercase; letter-spacing: .08em; font-size: .75rem; padding: .15rem .6rem;
        border: 1px solid currentColor; border-radius: 1rem; color: #9a5b00; }
      .final { color: #17693b; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 1.5rem 0; }
      dt { color: #5b6b78; } dd { margin: 0; }
      table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
      th { text-align: left; font-size: .75rem; color: #5b6b78; border-bottom: 1px solid #9fb1bd; padding: .4rem .5rem; }
      td { padding: .4rem .5rem; border-bottom: 1px solid #e3e9ed; overflow-wrap: anywhere; }
      .n { text-align: right; white-space: nowrap; }
      tfoot td { border: 0; } tfoot tr:last-child td { font-weight: 700; font-size: 1.1rem; border-top: 2px solid #0b5a7a; }
      footer { margin-top: 2rem; color: #5b6b78; font-size: .8rem; }
      @media print { body { margin: 0; max-width: none; padding: 0; font-size: 11px; } thead { display: table-header-group; } tr { break-inside: avoid; } }
      """;

  private InvoicePage() {}

  static String of(Invoice invoice) {
    var html = new StringBuilder(4096);
    html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\"><title>Invoice ")
        .append(text(invoice.id()))
        .append("</title><style>\n")
        .append(STYLE)
        .append("</style></head><body>\n<header><h1>Invoice</h1><div><span class=\"status")
        .append(invoice.status() == Status.FINAL ? " final" : "")
        .append("\">")
        .append(InvoiceRoutes.status(invoice))
        .append("</span></div></header>\n<dl>");
    term(html, "Number", invoice.id());
    term(html, "Organisation", invoice.name());
    term(html, "Period", invoice.period() + " (UTC)");
    term(html, "Ledger entries", String.format(Locale.ROOT, "%,d", invoice.entries()));
    html.append(
            "</dl>\n<table><thead><tr><th>Model</th><th>Tokens of</th><th class=\"n\">Quantity</th>")
        .append(
            "<th class=\"n\">USD per million</th><th class=\"n\">Exact USD</th><th class=\"n\">USD</th></tr></thead><tbody>\n");
    for (var line : invoice.lines()) {
      html.append("<tr><td>")
          .append(text(line.model()))
          .append("</td><td>")
          .append(text(line.tokenClass().replace('_', ' ')));
      if (!line.correctsPeriod().isEmpty()) {
        html.append("<br>correction of ").append(text(line.correctsPeriod()));
      }
      html.append("</td><td class=\"n\">")
          .append(String.format(Locale.ROOT, "%,d", line.quantity()))
          .append("</td><td class=\"n\">")
          .append(text(line.usdPerMillion()))
          .append("</td><td class=\"n\">")
          .append(new Money(line.amountNanoUsd()).usd())
          .append("</td><td class=\"n\">")
          .append(Cents.usd(line.cents()))
          .append("</td></tr>\n");
    }
    html.append("</tbody><tfoot><tr><td colspan=\"4\">Exact total</td><td class=\"n\">")
        .append(new Money(invoice.totalNanoUsd()).usd())
        .append("</td><td class=\"n\">")
        .append(Cents.usd(invoice.totalCents()))
        .append("</td></tr>");
    for (var paid : invoice.credits()) {
      html.append("<tr><td colspan=\"4\">Paid from credit ")
          .append(text(paid.grant()))
          .append("</td><td class=\"n\">")
          .append(new Money(Math.negateExact(paid.amountNanoUsd())).usd())
          .append("</td><td></td></tr>");
    }
    html.append("<tr><td colspan=\"5\">To pay, USD</td><td class=\"n\">")
        .append(Cents.usd(invoice.payableCents()))
        .append("</td></tr></tfoot></table>\n<footer>")
        .append(note(invoice.status()))
        .append("</footer>\n</body></html>\n");
    return html.toString();
  }

  private static String note(Status status) {
    return switch (status) {
      case OPEN -> "The period is not over: amounts grow until it is.";
      case DRAFT -> "The period is over and still takes late usage: amounts may change.";
      case FINAL -> "Final. Corrections are on the invoice of the period in which they were made.";
    };
  }

  private static void term(StringBuilder html, String name, String value) {
    html.append("<dt>").append(name).append("</dt><dd>").append(text(value)).append("</dd>");
  }

  private static String text(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
