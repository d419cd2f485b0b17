package io.penstock.billing.http;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.report.BillingReader;
import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.billing.report.Corrections;
import io.penstock.billing.report.Dimension;
import io.penstock.billing.report.GrantUse;
import io.penstock.billing.report.Grouping;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.RollUpKey;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.http.Peers;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The read API: balances, ledger, usage, summary, invoices, each of the caller's organisation; and
 * what administers the installation. Thread-safe.
 */
public final class BillingRoutes {

  private static final int ENTRIES_BY_DEFAULT = 100;
  private static final int ENTRIES_MAX = 1000;
  private static final int ROWS_MAX = 10_000;

  private final BillingReader reader;
  private final Supplier<Catalog> catalog;
  private final InstantSource clock;
  private final long journalEntriesMax;
  private final Answering answering;
  private final OrganizationRoutes organization;
  private final InvoiceRoutes invoices;
  private final AdministrationRoutes administration;

  /**
   * @param journalEntriesMax entries of an organisation that the reader keeps
   * @param periods when months close
   * @param corrections where corrections go
   * @param peers other instances, which have other organisations' books
   */
  public BillingRoutes(
      BillingReader reader,
      ApiKeys keys,
      Supplier<Catalog> catalog,
      InstantSource clock,
      long journalEntriesMax,
      BillingPeriods periods,
      Corrections corrections,
      Peers peers) {
    this.reader = reader;
    this.catalog = catalog;
    this.clock = clock;
    this.journalEntriesMax = journalEntriesMax;
    this.answering = new Answering(reader, keys, catalog, clock, peers);
    this.organization = new OrganizationRoutes(reader, clock, answering);
    this.invoices = new InvoiceRoutes(reader, catalog, clock, periods, answering);
    this.administration = new AdministrationRoutes(reader, catalog, clock, corrections, answering);
  }

  /** Adds the routes: below {@code /v1/billing}, and OpenAI's below {@code /v1/organization}. */
  public void add(HttpRouting.Builder routing) {
    routing.get(
        "/v1/billing/balances",
        answering.with(
            (_, caller) -> {
              var standing = reader.standing(caller.organization());
              return Body.json(
                  BillingJson.balances(
                      standing,
                      GrantUse.of(
                          standing.books(), catalog.get().organization(caller.organization())),
                      caller.shown()));
            }));
    routing.get("/v1/billing/ledger", answering.with(this::ledger));
    routing.get("/v1/billing/usage", answering.with(this::usage));
    routing.get("/v1/billing/summary", answering.with((_, caller) -> summary(caller)));
    invoices.add(routing);
    administration.add(routing);
    organization.add(routing);
  }

  private Body ledger(ServerRequest request, Caller caller) throws Refusal, UnavailableException {
    var after = Parameters.number(request, "after_sequence", 0, 0, Long.MAX_VALUE - 1);
    var limit = (int) Parameters.number(request, "limit", ENTRIES_BY_DEFAULT, 1, ENTRIES_MAX);
    var standing = reader.standing(caller.organization());
    var entries = reader.entries(caller.organization(), after, limit + 1);
    var more = entries.size() > limit;
    var first = Math.max(1, standing.books().sequence() - journalEntriesMax + 1);
    return Body.json(
        BillingJson.entries(
            standing, more ? entries.subList(0, limit) : entries, first, more, caller.shown()));
  }

  private Body usage(ServerRequest request, Caller caller) throws Refusal, UnavailableException {
    var dimensions =
        Parameters.dimensions(
            request,
            "group_by",
            List.of(Dimension.DAY, Dimension.KEY, Dimension.MODEL, Dimension.POOL));
    var range = UsageRange.of(request, clock.instant());
    var grouping = new Grouping(dimensions);
    var filter = Parameters.filter(request);
    var label = Parameters.label(dimensions, filter, range.width());
    var organization = caller.organization();
    if (label == null) {
      reader.buckets(
          organization,
          range.width(),
          range.from(),
          range.to(),
          (key, sums) -> {
            if (filter.takes(key)) {
              grouping.add(key, sums);
            }
          });
    } else {
      reader.labels(
          organization,
          label,
          range.firstDay(),
          range.dayAfter(),
          (key, sums) -> {
            if (filter.takes(key)) {
              grouping.add(key, sums);
            }
          });
    }
    if (grouping.size() > ROWS_MAX) {
      throw Parameters.invalid(
          "group_by",
          "The report would have more than "
              + ROWS_MAX
              + " rows: ask for less time or fewer dimensions.");
    }
    return Body.json(
        BillingJson.usage(organization, range, dimensions, grouping.rows(), caller.shown()));
  }

  private Body summary(Caller caller) throws UnavailableException {
    var standing = reader.standing(caller.organization());
    var totals =
        new TreeMap<RollUpKey.Total, RollUp>(
            Comparator.comparing(RollUpKey.Total::model).thenComparing(RollUpKey.Total::pool));
    reader.totals(caller.organization(), totals::put);
    return Body.json(BillingJson.summary(standing, totals, caller.shown()));
  }
}
