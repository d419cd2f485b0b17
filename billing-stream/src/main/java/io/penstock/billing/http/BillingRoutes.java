package io.penstock.billing.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.billing.report.BillingReader;
import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.billing.report.BucketWidth;
import io.penstock.billing.report.Dimension;
import io.penstock.billing.report.Grouping;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.RollUpKey;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.ErrorCode;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The read API: balances, ledger, usage, summary, each of the caller's organisation. Thread-safe.
 */
public final class BillingRoutes {

  private static final int ENTRIES_BY_DEFAULT = 100;
  private static final int ENTRIES_MAX = 1000;
  private static final int DAYS_BY_DEFAULT = 30;
  private static final int DAYS_MAX = 400;
  private static final int ROWS_MAX = 10_000;

  private interface Answer {
    byte[] of(ServerRequest request, String organization) throws Refusal, UnavailableException;
  }

  private final BillingReader reader;
  private final ApiKeys keys;
  private final Supplier<Catalog> catalog;
  private final InstantSource clock;
  private final long journalEntriesMax;

  /**
   * @param journalEntriesMax entries of an organisation that the reader keeps
   */
  public BillingRoutes(
      BillingReader reader,
      ApiKeys keys,
      Supplier<Catalog> catalog,
      InstantSource clock,
      long journalEntriesMax) {
    this.reader = reader;
    this.keys = keys;
    this.catalog = catalog;
    this.clock = clock;
    this.journalEntriesMax = journalEntriesMax;
  }

  /** Adds the routes, all below {@code /v1/billing}. */
  public void add(HttpRouting.Builder routing) {
    add(
        routing,
        "balances",
        (_, organization) -> BillingJson.balances(reader.standing(organization)));
    add(routing, "ledger", this::ledger);
    add(routing, "usage", this::usage);
    add(routing, "summary", (_, organization) -> summary(organization));
  }

  private void add(HttpRouting.Builder routing, String name, Answer answer) {
    routing.get("/v1/billing/" + name, (request, response) -> answer(request, response, answer));
  }

  private void answer(ServerRequest request, ServerResponse response, Answer answer) {
    try {
      var organization = Caller.organization(request, keys, catalog.get(), clock.instant());
      send(response, Status.OK_200, answer.of(request, organization));
    } catch (Refusal e) {
      refuse(response, e);
    } catch (UnavailableException e) {
      response.header(HeaderNames.RETRY_AFTER, "1");
      refuse(
          response, new Refusal(ErrorCode.NOT_READY, null, "Not ready: " + e.getMessage() + "."));
    }
  }

  private byte[] ledger(ServerRequest request, String organization)
      throws Refusal, UnavailableException {
    var after = Parameters.number(request, "after_sequence", 0, 0, Long.MAX_VALUE - 1);
    var limit = (int) Parameters.number(request, "limit", ENTRIES_BY_DEFAULT, 1, ENTRIES_MAX);
    var standing = reader.standing(organization);
    var entries = reader.entries(organization, after, limit + 1);
    var more = entries.size() > limit;
    var first = Math.max(1, standing.books().sequence() - journalEntriesMax + 1);
    return BillingJson.entries(standing, more ? entries.subList(0, limit) : entries, first, more);
  }

  private byte[] usage(ServerRequest request, String organization)
      throws Refusal, UnavailableException {
    var today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    var to = Parameters.day(request, "to", today);
    var from = Parameters.day(request, "from", to.minusDays(DAYS_BY_DEFAULT - 1));
    if (from.isAfter(to) || ChronoUnit.DAYS.between(from, to) >= DAYS_MAX) {
      throw Parameters.invalid(
          "from", "from must be at most " + DAYS_MAX + " days before to, and not after it.");
    }
    if (from.toEpochDay() < 0) {
      throw Parameters.invalid("from", "from must not be before 1970-01-01.");
    }
    var dimensions =
        Parameters.dimensions(
            request,
            "group_by",
            List.of(Dimension.DAY, Dimension.KEY, Dimension.MODEL, Dimension.POOL));
    var grouping = new Grouping(dimensions);
    reader.buckets(
        organization,
        BucketWidth.DAY,
        from.atStartOfDay().toInstant(ZoneOffset.UTC),
        to.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC),
        grouping::add);
    if (grouping.size() > ROWS_MAX) {
      throw Parameters.invalid(
          "group_by",
          "The report would have more than "
              + ROWS_MAX
              + " rows: ask for fewer days or dimensions.");
    }
    return BillingJson.usage(
        organization, from.toString(), to.toString(), dimensions, grouping.rows());
  }

  private byte[] summary(String organization) throws UnavailableException {
    var standing = reader.standing(organization);
    var totals =
        new TreeMap<RollUpKey.Total, RollUp>(
            Comparator.comparing(RollUpKey.Total::model).thenComparing(RollUpKey.Total::pool));
    reader.totals(organization, totals::put);
    return BillingJson.summary(standing, totals);
  }

  private static void refuse(ServerResponse response, Refusal refusal) {
    send(response, Status.create(refusal.code().httpStatus()), BillingJson.refusal(refusal));
  }

  private static void send(ServerResponse response, Status status, byte[] json) {
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    response.send(json);
  }
}
