package io.penstock.billing.http;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.report.BillingReader;
import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.billing.report.Cents;
import io.penstock.billing.report.ChargeKey;
import io.penstock.billing.report.ChargeSums;
import io.penstock.billing.report.Csv;
import io.penstock.billing.report.FocusExport;
import io.penstock.billing.report.Invoice;
import io.penstock.billing.report.Invoice.Status;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.money.Money;
import io.penstock.schemas.ErrorCode;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What is owed for a month: as an invoice, by team, and as a FOCUS data set. Thread-safe. */
final class InvoiceRoutes {

  private record Month(Invoice invoice, Map<ChargeKey, ChargeSums> charges) {}

  private record Share(String team, String project) {}

  private final BillingReader reader;
  private final Supplier<Catalog> catalog;
  private final InstantSource clock;
  private final BillingPeriods periods;
  private final Answering answering;

  InvoiceRoutes(
      BillingReader reader,
      Supplier<Catalog> catalog,
      InstantSource clock,
      BillingPeriods periods,
      Answering answering) {
    this.reader = reader;
    this.catalog = catalog;
    this.clock = clock;
    this.periods = periods;
    this.answering = answering;
  }

  void add(HttpRouting.Builder routing) {
    routing.get("/v1/billing/invoices/{period}", answering.with(this::invoice));
    routing.get("/v1/billing/chargeback/{period}", answering.with(this::chargeback));
    routing.get("/v1/billing/focus/{period}", answering.with(this::focus));
  }

  private Body invoice(ServerRequest request, Caller caller) throws Refusal, UnavailableException {
    var invoice = month(request, caller).invoice();
    var format = request.query().first("format").orElse("json");
    return switch (format) {
      case "json" -> Body.json(json(invoice));
      case "csv" -> Body.csv(csv(invoice), "invoice-" + invoice.period() + ".csv");
      case "html" -> Body.html(InvoicePage.of(invoice));
      default -> throw Parameters.invalid("format", "format must be one of json, csv, html.");
    };
  }

  private Body focus(ServerRequest request, Caller caller) throws Refusal, UnavailableException {
    var month = month(request, caller);
    var now = catalog.get();
    var csv =
        FocusExport.csv(
            month.invoice(),
            month.charges(),
            pool -> {
              var entry = now.pool(pool);
              return entry == null ? pool : entry.getProvider();
            });
    return Body.csv(csv, "focus-" + month.invoice().period() + ".csv");
  }

  private Body chargeback(ServerRequest request, Caller caller)
      throws Refusal, UnavailableException {
    var month = month(request, caller);
    var shares = new LinkedHashMap<Share, ChargeSums>();
    month
        .charges()
        .forEach(
            (key, sums) ->
                shares.merge(new Share(key.team(), key.project()), sums, ChargeSums::plus));
    var sorted =
        new TreeMap<Share, ChargeSums>(
            java.util.Comparator.comparing(Share::team).thenComparing(Share::project));
    sorted.putAll(shares);
    return switch (request.query().first("format").orElse("json")) {
      case "json" -> Body.json(json(month.invoice(), sorted));
      case "csv" -> {
        var csv = new StringBuilder(Csv.line(List.of("period", "team", "project", "amount_usd")));
        sorted.forEach(
            (share, sums) ->
                csv.append(
                    Csv.line(
                        List.of(
                            month.invoice().period().toString(),
                            share.team(),
                            share.project(),
                            new Money(sums.amountNanoUsd()).usd()))));
        yield Body.csv(csv.toString(), "chargeback-" + month.invoice().period() + ".csv");
      }
      default -> throw Parameters.invalid("format", "format must be one of json, csv.");
    };
  }

  private Month month(ServerRequest request, Caller caller) throws Refusal, UnavailableException {
    var period = Parameters.month(request.path().pathParameters().get("period"));
    var now = clock.instant();
    if (period.isAfter(BillingPeriods.of(now))) {
      throw new Refusal(ErrorCode.NOT_FOUND, "period", "The month has not begun.");
    }
    var organization = caller.organization();
    var known = catalog.get().organization(organization);
    // what is booked between two reads would make them differ; such a moment passes
    Month month = null;
    for (int attempt = 0; month == null; attempt++) {
      var before = reader.period(organization, period);
      var charges = new LinkedHashMap<ChargeKey, ChargeSums>();
      reader.charges(organization, period, charges::put);
      var credits = new TreeMap<String, ChargeSums>();
      reader.credits(organization, period, credits::put);
      var after = reader.period(organization, period);
      if (before.sums().equals(after.sums()) || attempt == ATTEMPTS_MAX) {
        month =
            new Month(
                Invoice.of(
                    organization,
                    known == null ? organization : known.getName(),
                    period,
                    status(period, before.clock(), now),
                    after.sums(),
                    charges,
                    credits),
                charges);
      }
    }
    return month;
  }

  private static final int ATTEMPTS_MAX = 20;

  private Status status(YearMonth period, java.time.Instant partition, java.time.Instant now) {
    if (periods.closed(period, partition)) {
      return Status.FINAL;
    }
    return period.equals(BillingPeriods.of(now)) ? Status.OPEN : Status.DRAFT;
  }

  private static byte[] json(Invoice invoice) {
    return BillingJson.object(
        json -> {
          json.writeStringField("object", "billing.invoice");
          json.writeStringField("id", invoice.id());
          json.writeStringField("organization", invoice.organization());
          json.writeStringField("organization_name", invoice.name());
          json.writeStringField("period", invoice.period().toString());
          json.writeStringField("status", status(invoice));
          json.writeStringField("currency", "USD");
          json.writeNumberField("entries", invoice.entries());
          BillingJson.money(json, "total", invoice.totalNanoUsd());
          BillingJson.money(json, "credit", invoice.creditNanoUsd());
          json.writeStringField("payable_usd", Cents.usd(invoice.payableCents()));
          json.writeArrayFieldStart("credits");
          for (var paid : invoice.credits()) {
            json.writeStartObject();
            json.writeStringField("grant", paid.grant());
            BillingJson.money(json, "amount", paid.amountNanoUsd());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeArrayFieldStart("lines");
          for (var line : invoice.lines()) {
            json.writeStartObject();
            json.writeStringField("model", line.model());
            json.writeStringField("token_class", line.tokenClass());
            json.writeStringField("price", line.price().isEmpty() ? null : line.price());
            json.writeNumberField("price_version", line.priceVersion());
            json.writeStringField("usd_per_million", line.usdPerMillion());
            json.writeStringField(
                "corrects_period", line.correctsPeriod().isEmpty() ? null : line.correctsPeriod());
            json.writeNumberField("quantity", line.quantity());
            BillingJson.money(json, "amount", line.amountNanoUsd());
            json.writeStringField("payable_usd", Cents.usd(line.cents()));
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  private static byte[] json(Invoice invoice, Map<Share, ChargeSums> shares) {
    return BillingJson.object(
        json -> {
          json.writeStringField("object", "billing.chargeback");
          json.writeStringField("organization", invoice.organization());
          json.writeStringField("period", invoice.period().toString());
          json.writeStringField("status", status(invoice));
          BillingJson.money(json, "total", invoice.totalNanoUsd());
          json.writeArrayFieldStart("data");
          for (var share : shares.entrySet()) {
            json.writeStartObject();
            BillingJson.dimension(json, "team", share.getKey().team());
            BillingJson.dimension(json, "project", share.getKey().project());
            BillingJson.money(json, "amount", share.getValue().amountNanoUsd());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  static String status(Invoice invoice) {
    return invoice.status().name().toLowerCase(Locale.ROOT);
  }

  private static String csv(Invoice invoice) {
    var csv =
        new StringBuilder(
            Csv.line(
                List.of(
                    "invoice",
                    "period",
                    "status",
                    "corrects_period",
                    "model",
                    "token_class",
                    "price",
                    "price_version",
                    "usd_per_million",
                    "quantity",
                    "amount_usd",
                    "payable_usd")));
    for (var line : invoice.lines()) {
      csv.append(
          Csv.line(
              List.of(
                  invoice.id(),
                  invoice.period().toString(),
                  status(invoice),
                  line.correctsPeriod(),
                  line.model(),
                  line.tokenClass(),
                  line.price(),
                  Long.toString(line.priceVersion()),
                  line.usdPerMillion(),
                  Long.toString(line.quantity()),
                  new Money(line.amountNanoUsd()).usd(),
                  Cents.usd(line.cents()))));
    }
    if (!invoice.credits().isEmpty()) {
      csv.append(
          Csv.line(
              List.of(
                  invoice.id(),
                  invoice.period().toString(),
                  status(invoice),
                  "",
                  "",
                  "credit",
                  "",
                  "",
                  "",
                  "",
                  new Money(Math.negateExact(invoice.creditNanoUsd())).usd(),
                  Cents.usd(Math.negateExact(invoice.creditCents())))));
    }
    return csv.toString();
  }
}
