package io.penstock.billing.http;

import static io.penstock.billing.UsageFixtures.AT;
import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.failed;
import static io.penstock.billing.UsageFixtures.settlement;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.report.BillingReader;
import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.billing.stream.BillingHarness;
import io.penstock.billing.stream.StoreReader;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.http.Peers;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.Role;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BillingRoutesTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ApiKeys KEYS = new ApiKeys("a pepper for tests only");

  @TempDir private Path directory;
  private final HttpClient client = HttpClient.newHttpClient();
  private BillingHarness billing;
  private WebServer server;

  @SuppressWarnings("NullAway.Init")
  BillingRoutesTest() {}

  @BeforeEach
  void start() {
    billing = new BillingHarness(directory);
    server = serve(billing.reader);
  }

  @AfterEach
  void stop() {
    server.stop();
    billing.close();
    client.close();
  }

  private WebServer serve(BillingReader reader) {
    var routing = HttpRouting.builder();
    new BillingRoutes(
            reader,
            KEYS,
            BillingRoutesTest::catalog,
            InstantSource.fixed(AT),
            5,
            new BillingPeriods(Duration.ofHours(72)),
            billing::book,
            new Peers())
        .add(routing);
    return WebServer.builder()
        .host("127.0.0.1")
        .port(0)
        .shutdownHook(false)
        .routing(routing)
        .build()
        .start();
  }

  private static Catalog catalog() {
    var entries = new HashMap<String, CatalogEntry>();
    put(
        entries,
        "organization",
        "acme",
        OrganizationEntry.newBuilder().setId("acme").setName("Acme").setActive(true).build());
    put(
        entries,
        "organization",
        "globex",
        OrganizationEntry.newBuilder().setId("globex").setName("Globex").setActive(true).build());
    put(entries, "key", "key-1", key("key-1", "acme", Role.ADMIN));
    put(entries, "key", "key-2", key("key-2", "globex", Role.SUPER_ADMIN));
    return new Catalog(entries);
  }

  private static void put(
      Map<String, CatalogEntry> entries, String kind, String name, Object entry) {
    entries.put(kind + "/" + name, new CatalogEntry(kind, name, 1L, null, AT, entry));
  }

  private static ApiKeyEntry key(String id, String organization, Role role) {
    return ApiKeyEntry.newBuilder()
        .setId(id)
        .setOrganization(organization)
        .setName(id)
        .setHash(KEYS.hash("secret of " + id))
        .setHint("1234")
        .setRole(role)
        .setCreatedAt(AT)
        .build();
  }

  private HttpResponse<String> ask(String path, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port() + "/v1/billing/" + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode acme(String path) throws IOException, InterruptedException {
    return body(path, "key-1");
  }

  /** As the super administrator sees it. */
  private JsonNode operator(String path) throws IOException, InterruptedException {
    return body(path, "key-2");
  }

  private JsonNode body(String path, String key) throws IOException, InterruptedException {
    var response = ask(path, "Authorization", "Bearer secret of " + key);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    return JSON.readTree(response.body());
  }

  @Test
  void theSummaryShowsTheWholeLedgerOfTheCallersOrganisation() throws Exception {
    billing.book(
        settlement(
            "acme", "r1", List.of(failed(1, "openai", 5), answered(2, "azure", 7)), 1_250_000_000));
    billing.book(settlement("acme", "r2", List.of(answered(1, "azure", 7)), 20));
    billing.book(settlement("globex", "r3", List.of(answered(1, "azure", 7)), 20));

    var summary = operator("summary?organization=acme");

    assertThat(summary)
        .isEqualTo(
            JSON.readTree(
                """
                {"object": "billing.summary", "organization": "acme", "currency": "USD",
                 "debits_nano_usd": "1250000039", "credits_nano_usd": "1250000039", "balanced": true, "entries": 2,
                 "requests": 2, "succeeded": 2, "calls": 3,
                 "input_tokens": 22, "output_tokens": 14, "upstream_input_tokens": 33, "upstream_output_tokens": 21,
                 "charge_usd": "1.25000002", "charge_nano_usd": "1250000020",
                 "list_usd": "1.25000002", "list_nano_usd": "1250000020",
                 "overage_usd": "0", "overage_nano_usd": "0",
                 "cost_usd": "0.000000019", "cost_nano_usd": "19",
                 "margin_usd": "1.250000001", "margin_nano_usd": "1250000001",
                 "by_model": [
                   {"model": "small", "pool": "azure", "requests": 2, "succeeded": 2, "calls": 2,
                    "input_tokens": 22, "output_tokens": 14, "upstream_input_tokens": 22, "upstream_output_tokens": 14,
                    "charge_usd": "1.25000002", "charge_nano_usd": "1250000020",
                    "list_usd": "1.25000002", "list_nano_usd": "1250000020",
                    "overage_usd": "0", "overage_nano_usd": "0",
                    "cost_usd": "0.000000014", "cost_nano_usd": "14",
                    "margin_usd": "1.250000006", "margin_nano_usd": "1250000006"},
                   {"model": "small", "pool": "openai", "requests": 0, "succeeded": 0, "calls": 1,
                    "input_tokens": 0, "output_tokens": 0, "upstream_input_tokens": 11, "upstream_output_tokens": 7,
                    "charge_usd": "0", "charge_nano_usd": "0", "overage_usd": "0", "overage_nano_usd": "0",
                    "list_usd": "0", "list_nano_usd": "0",
                    "cost_usd": "0.000000005", "cost_nano_usd": "5",
                    "margin_usd": "-0.000000005", "margin_nano_usd": "-5"}],
                 "usage_records": 2, "usage_position": {"0": 1}}
                """));
  }

  @Test
  void anOrganisationSeesItsChargeAndNeitherCostNorMarginNorListPrice() throws Exception {
    billing.book(
        settlement(
            "acme", "r1", List.of(failed(1, "openai", 5), answered(2, "azure", 7)), 1_250_000_000));

    var summary = acme("summary");
    var usage = acme("usage").at("/data/0");
    var balances = acme("balances").path("data");
    var entry = acme("ledger").at("/data/0");

    assertThat(List.of(summary, summary.at("/by_model/0"), usage))
        .allSatisfy(
            sums ->
                assertThat(sums.properties())
                    .extracting(Map.Entry::getKey)
                    .contains("charge_usd", "overage_usd")
                    .noneMatch(name -> name.matches("(cost|margin|list)_.*")));
    assertThat(summary.path("debits_nano_usd").asText()).isEqualTo("1250000000");
    assertThat(summary.path("credits_nano_usd").asText()).isEqualTo("1250000000");
    assertThat(summary.path("balanced").asBoolean()).isTrue();
    assertThat(balances.findValuesAsText("account")).containsExactly("receivable", "revenue");
    assertThat(entry.path("postings").findValuesAsText("account"))
        .containsExactly("receivable", "revenue");
    assertThat(entry.has("hash")).isFalse();
    assertThat(entry.path("sequence").asLong()).isEqualTo(1);
  }

  @Test
  void anEntryOfNothingButCostKeepsItsPlaceAndShowsNoPosting() throws Exception {
    billing.book(settlement("acme", "r1", List.of(failed(1, "openai", 5))));

    var entry = acme("ledger").at("/data/0");

    assertThat(entry.path("sequence").asLong()).isEqualTo(1);
    assertThat(entry.path("postings").isEmpty()).isTrue();
    assertThat(operator("ledger?organization=acme").at("/data/0/postings").isEmpty()).isFalse();
  }

  @Test
  void anOrganisationWithoutAnyUsageHasEmptyBooks() throws Exception {
    var summary = acme("summary");

    assertThat(summary.path("balanced").asBoolean()).isTrue();
    assertThat(summary.path("entries").asLong()).isZero();
    assertThat(summary.path("charge_usd").asText()).isEqualTo("0");
    assertThat(summary.path("by_model").isEmpty()).isTrue();
    assertThat(summary.path("usage_position").isEmpty()).isTrue();
  }

  @Test
  void balancesShowDebitsCreditsAndTheirDifference() throws Exception {
    billing.book(settlement("acme", "r1", List.of(), 20));

    var balances = acme("balances");

    assertThat(balances.path("data"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"account": "receivable", "debits_nano_usd": "20", "credits_nano_usd": "0",
                  "balance_usd": "0.00000002", "sequence": 1, "booked_at": "2026-03-15T00:00:01Z"},
                 {"account": "revenue", "debits_nano_usd": "0", "credits_nano_usd": "20",
                  "balance_usd": "-0.00000002", "sequence": 1, "booked_at": "2026-03-15T00:00:01Z"}]
                """));
  }

  @Test
  void theLedgerIsReadInPagesBySequence() throws Exception {
    for (int i = 1; i <= 7; i++) {
      billing.book(settlement("acme", "r" + i, List.of(), 20));
    }

    var first = operator("ledger?limit=3&organization=acme");
    var second = operator("ledger?limit=3&after_sequence=5&organization=acme");

    assertThat(first.path("first_sequence").asLong()).isEqualTo(3);
    assertThat(first.path("last_sequence").asLong()).isEqualTo(7);
    assertThat(first.path("has_more").asBoolean()).isTrue();
    assertThat(first.path("data").findValuesAsText("sequence")).containsExactly("3", "4", "5");
    assertThat(second.path("data").findValuesAsText("sequence")).containsExactly("6", "7");
    assertThat(second.path("has_more").asBoolean()).isFalse();
    var entry = (ObjectNode) second.path("data").get(1);
    assertThat(entry.remove("previous_hash")).isEqualTo(second.path("data").get(0).get("hash"));
    entry.remove("hash");
    assertThat(entry)
        .isEqualTo(
            JSON.readTree(
                """
                {"object": "ledger.entry", "id": "entry_r7", "sequence": 7, "currency": "USD",
                 "request_id": "r7", "usage_id": "r7",
                 "postings": [
                   {"account": "receivable", "side": "debit", "amount_nano_usd": "20", "amount_usd": "0.00000002"},
                   {"account": "clearing/r7", "side": "credit", "amount_nano_usd": "20", "amount_usd": "0.00000002"},
                   {"account": "clearing/r7", "side": "debit", "amount_nano_usd": "20", "amount_usd": "0.00000002"},
                   {"account": "revenue", "side": "credit", "amount_nano_usd": "20", "amount_usd": "0.00000002"}],
                 "occurred_at": "2026-03-14T23:59:59.999Z", "booked_at": "2026-03-15T00:00:01Z",
                 "kind": "usage", "period": "2026-03", "corrects": null, "corrects_period": null, "chain_position": 7}
                """));
  }

  @Test
  void usageIsGroupedAsAsked() throws Exception {
    billing.book(
        settlement("acme", "r1", List.of(failed(1, "openai", 5), answered(2, "azure", 7)), 20));
    billing.book(settlement("acme", "r2", List.of()));

    var byPool = acme("usage?from=2026-03-14&to=2026-03-14&group_by=pool");
    var whole = acme("usage");

    assertThat(byPool.path("data").findValuesAsText("pool"))
        .containsExactly("null", "azure", "openai");
    assertThat(byPool.path("data").get(0).path("pool").isNull()).isTrue();
    assertThat(byPool.path("data").get(1).path("charged_tokens"))
        .isEqualTo(JSON.readTree("{\"input_uncached\": 11, \"output_text\": 7}"));
    assertThat(whole.path("from").asText()).isEqualTo("2026-02-13");
    assertThat(whole.path("to").asText()).isEqualTo("2026-03-14");
    assertThat(whole.path("data").get(1).path("day").asText()).isEqualTo("2026-03-14");
    assertThat(whole.path("data").get(1).path("key").asText()).isEqualTo("key-1");
    assertThat(whole.path("data").get(1).path("model").asText()).isEqualTo("small");
  }

  @Test
  void aSuperAdministratorMaySeeAnotherOrganisation() throws Exception {
    billing.book(settlement("acme", "r1", List.of(), 20));

    var response = ask("summary?organization=acme", "x-api-key", "secret of key-2");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()).path("charge_nano_usd").asText()).isEqualTo("20");
  }

  @Test
  void anOrganisationWithoutEntryAndBooksIsNotThereEvenForTheOperator() throws Exception {
    var operator = new String[] {"Authorization", "Bearer secret of key-2"};

    for (var path : List.of("balances", "ledger", "usage", "summary")) {
      refused(ask(path + "?organization=nobody", operator), 404, "not_found", "organization");
    }

    billing.book(settlement("removed", "r1", List.of(), 20));
    assertThat(ask("balances?organization=removed", operator).statusCode()).isEqualTo(200);
  }

  @Test
  void everyRefusalIsAnErrorEnvelopeWithItsCode() throws Exception {
    var key = new String[] {"Authorization", "Bearer secret of key-1"};

    refused(ask("summary"), 401, "invalid_api_key", null);
    refused(ask("summary", "Authorization", "Bearer wrong"), 401, "invalid_api_key", null);
    refused(ask("summary", "Authorization", "Basic abc"), 401, "invalid_api_key", null);
    refused(ask("summary?organization=globex", key), 404, "not_found", "organization");
    refused(ask("ledger?limit=0", key), 400, "invalid_request", "limit");
    refused(ask("ledger?limit=1001", key), 400, "invalid_request", "limit");
    refused(ask("ledger?after_sequence=x", key), 400, "invalid_request", "after_sequence");
    refused(ask("usage?from=yesterday", key), 400, "invalid_request", "from");
    refused(ask("usage?from=2026-03-15&to=2026-03-14", key), 400, "invalid_request", "from");
    refused(ask("usage?from=2024-01-01&to=2026-03-14", key), 400, "invalid_request", "from");
    refused(ask("usage?group_by=colour", key), 400, "invalid_request", "group_by");
    refused(ask("usage?group_by=day,day", key), 400, "invalid_request", "group_by");
  }

  @Test
  void whileStoresAreNotThereTheCallerIsAskedToComeBack() throws Exception {
    server.stop();
    server = serve(unavailable());

    var response = ask("summary", "Authorization", "Bearer secret of key-1");

    refused(response, 503, "not_ready", null);
    assertThat(response.headers().firstValue("Retry-After")).contains("1");
  }

  private static void refused(
      HttpResponse<String> response,
      int status,
      String code,
      @org.jspecify.annotations.Nullable String param)
      throws IOException {
    var error = JSON.readTree(response.body()).path("error");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("param").textValue()).isEqualTo(param);
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("metadata").path("retryable").isBoolean()).isTrue();
  }

  private static BillingReader unavailable() {
    return new StoreReader(
        new StoreReader.StoreAccess() {
          @Override
          public <K, V> ReadOnlyKeyValueStore<K, V> of(String store, String organization)
              throws UnavailableException {
            throw new UnavailableException("billing is being restored");
          }

          @Override
          public <K, V> ReadOnlyKeyValueStore<K, V> local(String store)
              throws UnavailableException {
            throw new UnavailableException("billing is being restored");
          }
        });
  }
}
