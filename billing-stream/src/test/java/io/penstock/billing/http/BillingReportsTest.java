package io.penstock.billing.http;

import static io.penstock.billing.UsageFixtures.AT;
import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.failed;
import static io.penstock.billing.UsageFixtures.settlement;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.billing.report.Csv;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.UsageRecorded;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BillingReportsTest {

  /** 2026-03-14T00:00:00Z. */
  private static final long DAY = 1_773_446_400;

  @TempDir private Path directory;
  private BillingServer server;

  @SuppressWarnings("NullAway.Init")
  BillingReportsTest() {}

  @BeforeEach
  void start() {
    server = new BillingServer(directory);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** 1.25 USD for output, 0.4 for input, at a cost of 1.1. */
  private UsageRecorded usage(String request) {
    var usage =
        settlement(
            "acme",
            request,
            List.of(failed(1, "openai", 100_000_000), answered(2, "azure", 1_000_000_000)),
            1);
    usage.setChargeLines(
        List.of(
            new ChargeLine("input_uncached", 11L, "36363.636", 400_000_000L),
            new ChargeLine("output_text", 7L, "178571.429", 1_250_000_000L)));
    usage.setChargeNanoUsd(1_650_000_000);
    usage.setHoldNanoUsd(1_650_000_000);
    usage.setProject("web");
    usage.setTeam("core");
    usage.setPrice("small");
    usage.setPriceVersion(3L);
    return usage;
  }

  private static String path(String path) {
    return path + (path.contains("?") ? "&" : "?") + "start_time=" + DAY;
  }

  @Test
  void completionsAreInTheShapeOfOpenAi() throws Exception {
    server.billing.book(usage("r1"));
    var embedding = usage("r2");
    embedding.setSurface(Surface.OPENAI_EMBEDDINGS);
    server.billing.book(embedding);

    var page =
        server.json("acme", path("/v1/organization/usage/completions?group_by=model,project_id"));

    assertThat(page)
        .isEqualTo(
            BillingServer.JSON.readTree(
                """
                {"object": "page", "data": [
                  {"object": "bucket", "start_time": 1773446400, "end_time": 1773532800, "results": [
                    {"object": "organization.usage.completions.result", "input_tokens": 11,
                     "input_cached_tokens": 0, "input_cache_write_tokens": 0, "input_uncached_tokens": 11,
                     "output_tokens": 7, "input_text_tokens": 11, "output_text_tokens": 7,
                     "input_cached_text_tokens": 0, "input_audio_tokens": 0, "input_cached_audio_tokens": 0,
                     "output_audio_tokens": 0, "input_image_tokens": 0, "input_cached_image_tokens": 0,
                     "output_image_tokens": 0, "num_model_requests": 1, "project_id": "web", "user_id": null,
                     "api_key_id": null, "model": "small", "batch": null, "service_tier": null}]}],
                 "has_more": false, "next_page": null}
                """));
  }

  @Test
  void embeddingsAreCountedApart() throws Exception {
    server.billing.book(usage("r1"));
    var embedding = usage("r2");
    embedding.setSurface(Surface.OPENAI_EMBEDDINGS);
    server.billing.book(embedding);

    var page = server.json("acme", path("/v1/organization/usage/embeddings"));

    assertThat(page.at("/data/0/results"))
        .isEqualTo(
            BillingServer.JSON.readTree(
                """
                [{"object": "organization.usage.embeddings.result", "input_tokens": 11,
                  "num_model_requests": 1, "project_id": null, "user_id": null, "api_key_id": null, "model": null}]
                """));
  }

  @Test
  void costsAreExactNumbersByDayAndByLineWhereAsked() throws Exception {
    server.billing.book(usage("r1"));

    var whole = server.json("acme", path("/v1/organization/costs"));
    var lines = server.json("acme", path("/v1/organization/costs?group_by%5B%5D=line_item"));

    var result = whole.at("/data/0/results/0");
    assertThat(result.at("/amount/value").decimalValue()).isEqualByComparingTo("1.65");
    assertThat(result.at("/amount/value").isNumber()).isTrue();
    assertThat(result.at("/amount/currency").asText()).isEqualTo("usd");
    assertThat(lines.at("/data/0/results").findValuesAsText("line_item"))
        .containsExactly("small, input_uncached", "small, output_text");
    assertThat(lines.at("/data/0/results/1/quantity").asLong()).isEqualTo(7);
  }

  @Test
  void bucketsComeInPagesWithoutGapsAndEmptyOnesToo() throws Exception {
    server.billing.book(usage("r1"));
    var parameters =
        "/v1/organization/usage/completions?bucket_width=1h&limit=20&end_time=" + (DAY + 86_400);

    var first = server.json("acme", path(parameters));
    var second =
        server.json("acme", path(parameters + "&page=" + first.path("next_page").asText()));

    assertThat(first.path("data")).hasSize(20);
    assertThat(first.path("has_more").asBoolean()).isTrue();
    assertThat(second.path("data")).hasSize(4);
    assertThat(second.path("has_more").asBoolean()).isFalse();
    assertThat(second.path("next_page").isNull()).isTrue();
    assertThat(second.at("/data/0/start_time").asLong()).isEqualTo(DAY + 20 * 3600);
    assertThat(second.at("/data/2/results")).isEmpty();
    assertThat(second.at("/data/3/results")).hasSize(1);
  }

  @Test
  void usageIsFilteredByProjectKeyAndModel() throws Exception {
    server.billing.book(usage("r1"));

    assertThat(results("project_ids=web")).hasSize(1);
    assertThat(results("project_ids=other")).isEmpty();
    assertThat(results("project_ids=other&project_ids=web")).hasSize(1);
    assertThat(results("models=large")).isEmpty();
    assertThat(results("batch=true")).hasSize(1);
    assertThat(results("batch=false")).isEmpty();
  }

  private JsonNode results(String parameters) throws Exception {
    return server
        .json("acme", path("/v1/organization/usage/completions?" + parameters))
        .at("/data/0/results");
  }

  @Test
  void ourOwnReportGoesByTeamEndUserAndTagAndHourToo() throws Exception {
    var usage = usage("r1");
    usage.setEndUser("ann");
    usage.setTags(List.of("night", "eu"));
    server.billing.book(usage);

    var byTeam = server.json("acme", "/v1/billing/usage?group_by=team,bucket&bucket_width=1h");
    var byUser = server.json("home", "/v1/billing/usage?organization=acme&group_by=end_user");
    var byTag = server.json("acme", "/v1/billing/usage?group_by=tag&tag=eu");

    assertThat(byTeam.at("/data/0/team").asText()).isEqualTo("core");
    assertThat(byTeam.at("/data/0/bucket").asText()).isEqualTo("2026-03-14T23:00:00Z");
    assertThat(byTeam.at("/data/0/charge_usd").asText()).isEqualTo("1.65");
    assertThat(byTeam.at("/data/0/charge_by_class/output_text").asText()).isEqualTo("1.25");
    assertThat(byUser.at("/data/0/end_user").asText()).isEqualTo("ann");
    assertThat(byUser.at("/data/0/cost_nano_usd").asText()).isEqualTo("1100000000");
    assertThat(byTag.path("data")).hasSize(1);
    assertThat(byTag.at("/data/0/tag").asText()).isEqualTo("eu");
  }

  @Test
  void anInvoiceAddsUpToTheLedgerAndIsFrozenOnceItsMonthIsClosed() throws Exception {
    server.billing.book(usage("r1"));

    var open = server.json("acme", "/v1/billing/invoices/2026-03");
    server.now = Instant.parse("2026-04-10T00:00:00Z");
    server.billing.bookAt(usage("r2"), server.now);
    var frozen = server.json("acme", "/v1/billing/invoices/2026-03");
    var next = server.json("acme", "/v1/billing/invoices/2026-04");

    assertThat(open.path("status").asText()).isEqualTo("open");
    assertThat(open.path("total_usd").asText()).isEqualTo("1.65");
    assertThat(open.path("lines").findValuesAsText("amount_usd")).containsExactly("0.4", "1.25");
    assertThat(open.at("/lines/0/price_version").asLong()).isEqualTo(3);
    assertThat(frozen.path("status").asText()).isEqualTo("final");
    assertThat(frozen.path("lines")).isEqualTo(open.path("lines"));
    assertThat(next.path("total_usd").asText()).isEqualTo("1.65");
    assertThat(next.at("/lines/0/corrects_period").asText()).isEqualTo("2026-03");
    var receivable = server.json("home", "/v1/billing/balances?organization=acme").at("/data/4");
    assertThat(receivable.path("account").asText()).isEqualTo("receivable");
    assertThat(receivable.path("balance_usd").asText()).isEqualTo("3.3");
  }

  @Test
  void whatAGrantPaidIsOnTheInvoiceAndWhatIsLeftOfItOnTheBalance() throws Exception {
    var paid = usage("r1");
    paid.setPostings(
        List.of(
            new BudgetPosting("acme|credit|gift", BudgetUnit.NANO_USD, 0L, 1_000_000_000L),
            new BudgetPosting("acme|credit|old", BudgetUnit.NANO_USD, 0L, 650_000_000L)));
    server.billing.book(paid);

    var invoice = server.json("acme", "/v1/billing/invoices/2026-03");
    var credits = server.json("acme", "/v1/billing/balances").path("credits");
    var html = server.text("acme", "/v1/billing/invoices/2026-03?format=html");
    var csv = Csv.parse(server.text("acme", "/v1/billing/invoices/2026-03?format=csv"));

    assertThat(invoice.path("total_usd").asText()).isEqualTo("1.65");
    assertThat(invoice.path("credit_usd").asText()).isEqualTo("1.65");
    assertThat(invoice.path("payable_usd").asText()).isEqualTo("0.00");
    assertThat(invoice.path("credits").findValuesAsText("grant")).containsExactly("gift", "old");
    assertThat(credits.at("/0/grant").asText()).isEqualTo("gift");
    assertThat(credits.at("/0/amount_usd").asText()).isEqualTo("5");
    assertThat(credits.at("/0/used_usd").asText()).isEqualTo("1");
    assertThat(credits.at("/0/left_usd").asText()).isEqualTo("4");
    assertThat(credits.at("/1/grant").asText()).isEqualTo("old");
    assertThat(credits.at("/1/left_usd").asText()).as("removed").isEqualTo("0");
    assertThat(html).contains("Paid from credit gift");
    assertThat(csv.getLast()).endsWith("-1.65", "-1.65");
  }

  @Test
  void anInvoiceIsToBeHadAsCsvAndAsAPageToPrint() throws Exception {
    server.billing.book(usage("r1"));

    var csv = Csv.parse(server.text("acme", "/v1/billing/invoices/2026-03?format=csv"));
    var html = server.text("acme", "/v1/billing/invoices/2026-03?format=html");

    assertThat(csv).hasSize(3);
    assertThat(csv.get(2))
        .containsExactly(
            "acme-2026-03",
            "2026-03",
            "open",
            "",
            "small",
            "output_text",
            "small",
            "3",
            "178571.429",
            "7",
            "1.25",
            "1.25");
    assertThat(html)
        .contains("Acme &amp; Sons", "acme-2026-03", "output text", ">1.65<")
        .doesNotContain("<script", "http://", "https://");
  }

  @Test
  void aChargebackSharesTheInvoiceOutByTeam() throws Exception {
    server.billing.book(usage("r1"));
    var other = usage("r2");
    other.setTeam(null);
    server.billing.book(other);

    var chargeback = server.json("acme", "/v1/billing/chargeback/2026-03");

    assertThat(chargeback.path("total_usd").asText()).isEqualTo("3.3");
    assertThat(chargeback.path("data").findValuesAsText("team")).containsExactly("null", "core");
    assertThat(chargeback.path("data").findValuesAsText("amount_usd"))
        .containsExactly("1.65", "1.65");
  }

  @Test
  void led14TheFocusExportAddsUpToWhatTheInvoiceSaysHasToBePaid() throws Exception {
    server.billing.book(usage("r1"));
    var odd = settlement("acme", "r2", List.of(answered(1, "azure", 1)), 3_333_333);
    odd.setPostings(
        List.of(new BudgetPosting("acme|credit|gift", BudgetUnit.NANO_USD, 9L, 1_000_000L)));
    server.billing.book(odd);
    assertThat(correct("-0.25", "c1").statusCode()).isEqualTo(202);

    var rows = Csv.parse(server.text("acme", "/v1/billing/focus/2026-03"));
    var invoice = server.json("acme", "/v1/billing/invoices/2026-03");

    var header = rows.getFirst();
    var data = rows.subList(1, rows.size());
    assertThat(data)
        .hasSize(6)
        .allSatisfy(
            row -> {
              assertThat(row).hasSameSizeAs(header);
              assertThat(column(header, row, "InvoiceId")).isEqualTo("acme-2026-03");
              for (var mandatory :
                  List.of(
                      "BilledCost",
                      "BillingAccountId",
                      "BillingAccountName",
                      "BillingCurrency",
                      "BillingPeriodStart",
                      "BillingPeriodEnd",
                      "ChargeCategory",
                      "ChargeDescription",
                      "ChargePeriodStart",
                      "ChargePeriodEnd",
                      "ContractedCost",
                      "EffectiveCost",
                      "InvoiceIssuerName",
                      "ListCost",
                      "ProviderName",
                      "PublisherName",
                      "ServiceCategory",
                      "ServiceName")) {
                assertThat(column(header, row, mandatory)).as(mandatory).isNotEmpty();
              }
              // quantities and prices are there exactly where something was used
              var used = column(header, row, "ChargeCategory").equals("Usage");
              for (var conditional :
                  List.of("ConsumedQuantity", "PricingQuantity", "PricingUnit", "SkuId")) {
                assertThat(column(header, row, conditional).isEmpty()).isEqualTo(!used);
              }
              assertThat(column(header, row, "ChargeClass")).isIn("", "Correction");
            });
    var billed =
        data.stream()
            .map(row -> new BigDecimal(column(header, row, "BilledCost")))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(billed).isEqualByComparingTo(invoice.path("payable_usd").asText());
    assertThat(invoice.path("payable_usd").asText()).isEqualTo("1.40");
    assertThat(invoice.path("total_usd").asText()).isEqualTo("1.403333333");
    assertThat(invoice.path("credit_usd").asText()).isEqualTo("0.001");
    assertThat(data)
        .filteredOn(row -> column(header, row, "ChargeCategory").equals("Credit"))
        .singleElement()
        .satisfies(row -> assertThat(column(header, row, "BilledCost")).isEqualTo("-0.001"));
    assertThat(data)
        .filteredOn(row -> column(header, row, "ChargeClass").equals("Correction"))
        .singleElement()
        .satisfies(row -> assertThat(column(header, row, "x_CorrectsPeriod")).isEqualTo("2026-02"));
    assertThat(column(header, data.get(1), "PublisherName")).isEqualTo("Microsoft");
  }

  private static String column(List<String> header, List<String> row, String name) {
    return row.get(header.indexOf(name));
  }

  @Test
  void theMarginIsForAdministratorsOfTheInstallationOnly() throws Exception {
    server.billing.book(usage("r1"));

    var ruled = usage("r2");
    ruled.setPriceRule("reseller");
    ruled.setListNanoUsd(2_000_000_000L);
    server.billing.book(ruled);

    var byRule = server.json("home", "/v1/billing/margin?group_by=price_rule");
    assertThat(byRule.at("/data/0/price_rule").isNull()).isTrue();
    assertThat(byRule.at("/data/0/list_usd").asText()).isEqualTo("1.65");
    assertThat(byRule.at("/data/1/price_rule").asText()).isEqualTo("reseller");
    assertThat(byRule.at("/data/1/list_usd").asText()).isEqualTo("2");
    assertThat(byRule.at("/data/1/charge_usd").asText()).isEqualTo("1.65");
    assertThat(byRule.at("/data/1/margin_usd").asText()).isEqualTo("0.55");
    var margin = server.json("home", "/v1/billing/margin?group_by=organization");
    var refused = server.ask("acme", "/v1/billing/margin", null);

    assertThat(margin.path("margin_usd").asText()).isEqualTo("1.1");
    assertThat(margin.path("margin_percent").asText()).isEqualTo("33.33");
    assertThat(margin.at("/data/0/organization").asText()).isEqualTo("acme");
    assertThat(refused.statusCode()).isEqualTo(403);
  }

  @Test
  void led15ABillThatDiffersIsToldByDayAndModel() throws Exception {
    server.billing.book(usage("r1"));
    var path = "/v1/billing/reconciliation?pool=azure";
    var right = "date,model,input_tokens,output_tokens,cost\n2026-03-14,small-2,11,7,1.0\n";
    var wrong = right.replace(",7,", ",8,") + "2026-03-14,other,1,0,0\n";

    var agrees = BillingServer.JSON.readTree(server.ask("home", path, right).body());
    var differs = BillingServer.JSON.readTree(server.ask("home", path, wrong).body());
    var unreadable = server.ask("home", path, right + "2026-03-14,small-2,1");

    assertThat(agrees.path("agrees").asBoolean()).isTrue();
    assertThat(differs.path("differences"))
        .isEqualTo(
            BillingServer.JSON.readTree(
                """
                [{"date": "2026-03-14", "model": "other", "what": "input_tokens", "ours": 0, "theirs": 1, "difference": -1},
                 {"date": "2026-03-14", "model": "small-2", "what": "output_tokens", "ours": 7, "theirs": 8, "difference": -1}]
                """));
    assertThat(unreadable.statusCode()).isEqualTo(400);
    assertThat(unreadable.body()).contains("line 3: it has 3 values, the header has 5");
  }

  @Test
  void aCorrectionIsANewEntryInTheOpenPeriodAndCountsOnce() throws Exception {
    server.billing.book(usage("r1"));

    var first = correct("-0.25", "c1");
    var again = correct("-0.25", "c1");

    assertThat(first.statusCode()).isEqualTo(202);
    assertThat(again.statusCode()).isEqualTo(202);
    var invoice = server.json("acme", "/v1/billing/invoices/2026-03");
    assertThat(invoice.path("total_usd").asText()).isEqualTo("1.4");
    assertThat(invoice.path("entries").asLong()).isEqualTo(2);
    assertThat(correct("0", "c2").statusCode()).isEqualTo(400);
    assertThat(correct("1e-10", "c2").statusCode()).isEqualTo(400);
    assertThat(server.ask("acme", "/v1/billing/corrections", "{}").statusCode()).isEqualTo(403);
  }

  private java.net.http.HttpResponse<String> correct(String amount, String id) throws Exception {
    return server.ask(
        "home",
        "/v1/billing/corrections",
        """
        {"id": "%s", "organization": "acme", "amount_usd": "%s", "corrects_period": "2026-02", "reason": "agreed on"}
        """
            .formatted(id, amount));
  }

  @Test
  void whatCannotBeAskedIsRefused() throws Exception {
    for (var path :
        List.of(
            "/v1/organization/usage/completions",
            path("/v1/organization/usage/completions?bucket_width=1w"),
            path("/v1/organization/usage/completions?group_by=line_item"),
            path("/v1/organization/usage/completions?limit=32"),
            path("/v1/organization/usage/completions?page=nonsense"),
            path("/v1/organization/usage/completions?page=page_%2A%2A"),
            path("/v1/organization/usage/completions?user_ids=u"),
            path("/v1/organization/costs?bucket_width=1h"),
            "/v1/billing/usage?group_by=end_user,tag",
            "/v1/billing/usage?group_by=end_user,key",
            "/v1/billing/usage?group_by=tag&bucket_width=1h",
            "/v1/billing/usage?bucket_width=1m&from=2026-03-01",
            "/v1/billing/invoices/march",
            "/v1/billing/invoices/2026-03?format=pdf")) {
      assertThat(server.ask("acme", path, null).statusCode()).as(path).isEqualTo(400);
    }
    assertThat(server.ask("acme", "/v1/billing/invoices/2026-04", null).statusCode())
        .isEqualTo(404);
    assertThat(
            server.ask("acme", path("/v1/organization/costs?organization=home"), null).statusCode())
        .isEqualTo(404);
    assertThat(AT.getEpochSecond()).isGreaterThan(DAY);
  }
}
