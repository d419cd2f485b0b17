package io.penstock.ingress.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.AssumedTier;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.MidStream;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.ModelLimit;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PoolCredential;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.Role;
import io.penstock.schemas.avro.RouteRule;
import io.penstock.schemas.avro.Strategy;
import io.penstock.schemas.avro.UnsupportedParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogFileTest {

  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");

  private static final String FILE =
      """
      organizations: [{id: demo, name: Demo}]
      pools:
        - name: openai
          provider: openai
          dialect: openai
          base-url: "https://api.openai.com/v1/"
          credential: env:OPENAI_API_KEY
          rpm: 500
          tpm: 200000
          concurrency: 200
          timeouts: {connect: 2s, first-byte: 30s, idle: 20s, total: 5m}
      models:
        - name: fast
          aliases: [quick]
          strategy: priority
          attempts-max: 8
          targets:
            - {pool: openai, model: gpt-x, price: gpt-x, context-window: 128000, output-tokens-max: 4096, capabilities: [tools]}
      prices: [{name: gpt-x, lines: {input_uncached: "0.150", output_text: 0.6}}]
      budgets: [{id: demo-month, organization: demo, limit: "100", window: month, time-zone: Europe/Berlin}]
      """;

  @Test
  void everyEntryIsReadWithItsDefaults() {
    var catalog = applied(Catalog.EMPTY, FILE);

    assertThat(catalog.entries().keySet())
        .containsExactly(
            "budget/demo-month", "model/fast", "organization/demo", "pool/openai", "price/gpt-x");
    var pool = entry(catalog, "pool/openai", PoolEntry.class);
    assertThat(pool.getBaseUrl()).isEqualTo("https://api.openai.com/v1");
    assertThat(pool.getCredential()).isEqualTo("env:OPENAI_API_KEY");
    assertThat(pool.getRequestsPerMinute()).isEqualTo(500);
    assertThat(pool.getFirstByteTimeoutMs()).isEqualTo(30_000);
    assertThat(pool.getTotalTimeoutMs()).isEqualTo(300_000);
    assertThat(pool.getAssumedTier()).isEqualTo(AssumedTier.DEFAULT);
    var model = entry(catalog, "model/fast", ModelEntry.class);
    assertThat(model.getAttemptsMax()).isEqualTo(8);
    assertThat(model.getTargets().getFirst().getWeight()).isEqualTo(1);
    var price = entry(catalog, "price/gpt-x", PriceEntry.class);
    assertThat(price.getVersion()).isEqualTo(1);
    assertThat(price.getLines()).extracting("usdPerMillion").containsExactly("0.15", "0.6");
    var budget = entry(catalog, "budget/demo-month", BudgetEntry.class);
    assertThat(budget.getLimitNanoUsd()).isEqualTo(100_000_000_000L);
    assertThat(budget.getTimeZone()).isEqualTo("Europe/Berlin");
    assertThat(budget.getHard()).isTrue();
  }

  @Test
  void aFileThatIsAppliedAlreadyChangesNothing() {
    var catalog = applied(Catalog.EMPTY, FILE);

    assertThat(CatalogFile.parse(FILE, secret -> "").changes(catalog, NOW.plusSeconds(9)))
        .isEmpty();
  }

  @Test
  void theDifferenceSaysWhatIsNewChangedAndGone() {
    var catalog = applied(Catalog.EMPTY, FILE);
    var file =
        CatalogFile.parse(
            FILE.replace("rpm: 500", "rpm: 600")
                .replace("demo-month", "demo-always")
                .replace("\"0.150\"", "0.2"),
            secret -> "");

    var changes = file.changes(catalog, NOW, "key_1");

    assertThat(Difference.lines(catalog, changes))
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("~ pool/openai: requests_per_minute 500 → 600"),
            line -> assertThat(line).startsWith("~ price/gpt-x: version 1 → 2, lines "),
            line -> assertThat(line).isEqualTo("+ budget/demo-always"),
            line -> assertThat(line).isEqualTo("- budget/demo-month"));
    var price = (Change.Put) changes.get(1);
    assertThat(price.expectedVersion()).isEqualTo(1);
    assertThat(price.entry().getActor()).isEqualTo("key_1");
    assertThat(((PriceEntry) price.entry().getEntry()).getVersion()).isEqualTo(2);
  }

  @Test
  void allErrorsAreToldAtOnce() {
    var file =
        """
        organizations: [{id: Demo!}, {id: a}, {id: a}, {id: admin}]
        pools: [{name: p, base-url: "ftp://x", credential: sk-secret, colour: red, assume-tier: gold, timeouts: {idle: 0s}, models: {x: {rps: 1}, y: {}}}]
        models: [{name: m, targets: [{pool: q, model: x, price: y}]}, {name: n, aliases: [m], targets: []}]
        prices: [{name: z, lines: {input: "1", output_text: "-1", output_audio: "1e-999999999"}}]
        budgets: [{id: b, organization: c, limit: "0.0000000001", scope: team, time-zone: Mars}]
        keys: [{name: k, organization: a, secret: "env:PENSTOCK_NOT_SET"}]
        wat: 1
        """;

    assertThatThrownBy(() -> CatalogFile.parse(file, secret -> ""))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("organizations[0].id: must be made of")
        .hasMessageContaining("organizations[2].id: there is another organization of this name: a")
        .hasMessageContaining("organizations[3].id")
        .hasMessageContaining("pools[0].base-url: must be such as")
        .hasMessageContaining("pools[0].credential: is a secret")
        .hasMessageContaining("pools[0].colour: unknown key")
        .hasMessageContaining("pools[0].assume-tier: must be default or any, not gold")
        .hasMessageContaining("pools[0].models.x.rps: unknown key")
        .hasMessageContaining("pools[0].models.y: one of rpm and tpm is required")
        .hasMessageContaining("pools[0].timeouts.idle: must be longer than nothing")
        .hasMessageContaining("m: there is no pool q")
        .hasMessageContaining("m: there is no price y")
        .hasMessageContaining("n: the alias m already means m")
        .hasMessageContaining("models[1].targets: at least one is required")
        .hasMessageContaining("prices[0].lines.input: must be one of input_audio")
        .hasMessageContaining("prices[0].lines.output_text: must be a decimal")
        .hasMessageContaining("prices[0].lines.output_audio: must be a decimal")
        .hasMessageContaining("b: there is no organization c")
        .hasMessageContaining("budgets[0].limit: must be an amount")
        .hasMessageContaining("budgets[0].time-zone: must be a time zone")
        .hasMessageContaining("keys[0].secret: environment variable PENSTOCK_NOT_SET is not set")
        .hasMessageContaining("wat: unknown key")
        .hasMessageNotContaining("sk-secret");
  }

  @Test
  void everyKeyOfAPoolAndAModelIsRead() {
    var catalog =
        applied(
            Catalog.EMPTY,
            """
            organizations: [{id: demo, residency: eu}]
            pools:
              - name: azure
                dialect: azure
                base-url: "https://x.openai.azure.com/openai"
                api-version: "2024-10-21"
                headers: {x-team: platform}
                models: {gpt-4.1: {rpm: 30, tpm: 9000}, org/model: {rpm: 5}}
                credentials:
                  - {name: one, credential: env:ONE, rpm: 10, tpm: 1000}
                  - {name: two, credential: env:TWO}
            models:
              - name: m
                strategy: rules
                cost-max-usd: 0.50
                targets: [{pool: azure, model: gpt, price: p, weight: 3, capabilities: [tools, prefill], residency: [eu, de]}]
                rules: [{when: "tools", targets: [azure/gpt, azure]}]
                policy:
                  first-byte-timeout: 2s
                  idle-timeout: 3s
                  total-timeout: 1m
                  mid-stream: continue
                  unsupported-params: warn
                  length-fails: true
                  refusal-fails: true
                  schema-fails: true
                  buffered: true
            prices: [{name: p, lines: {input_uncached: 1}}]
            """);

    assertThat(entry(catalog, "organization/demo", OrganizationEntry.class).getResidency())
        .isEqualTo("eu");
    var pool = entry(catalog, "pool/azure", PoolEntry.class);
    assertThat(pool.getCredential()).isNull();
    assertThat(pool.getCredentials())
        .containsExactly(
            new PoolCredential("one", "env:ONE", 10L, 1000L),
            new PoolCredential("two", "env:TWO", null, null));
    assertThat(pool.getApiVersion()).isEqualTo("2024-10-21");
    assertThat(pool.getModelLimits())
        .containsExactly(
            new ModelLimit("gpt-4.1", 30L, 9000L), new ModelLimit("org/model", 5L, null));
    assertThat(pool.getHeaders()).containsExactly(Map.entry("x-team", "platform"));
    var model = entry(catalog, "model/m", ModelEntry.class);
    assertThat(model.getStrategy()).isEqualTo(Strategy.RULES);
    assertThat(model.getCostMaxUsd()).isEqualTo("0.5");
    assertThat(model.getRules())
        .containsExactly(new RouteRule("tools", List.of("azure/gpt", "azure")));
    assertThat(model.getTargets().getFirst().getCapabilities()).containsExactly("tools", "prefill");
    assertThat(model.getTargets().getFirst().getResidency()).containsExactly("eu", "de");
    assertThat(model.getPolicy())
        .isEqualTo(
            new CallPolicy(
                2000L,
                3000L,
                60_000L,
                MidStream.CONTINUE,
                UnsupportedParameters.WARN,
                true,
                true,
                true,
                true));
    assertThat(entry(applied(Catalog.EMPTY, FILE), "model/fast", ModelEntry.class).getPolicy())
        .isNull();
  }

  @Test
  void errorsOfRoutingAreToldAtOnce() {
    var file =
        """
        organizations: [{id: a, residency: "E U"}]
        pools:
          - name: p
            dialect: openia
            base-url: "http://x/v1"
            credential: env:A
            api-version: "1/2"
            headers: {X-Api-Key: sk-1, Host: x, "a b": c, x-note: "é"}
            credentials: [{name: c, credential: sk-raw}, {name: c}, {name: d, credential: env:D, rpm: 0, rmp: 1}]
        models:
          - name: m
            strategy: fastest
            cost-max-usd: -1
            targets: [{pool: p, model: x, price: z, capabilities: [vison], residency: [EU]}]
            rules: [{when: "", targets: [q, p/y, p/x, p]}, {when: "true", targets: [], then: 1}, {when: "tokens > 3", targets: [p]}]
            policy: {first-byte-timeout: 0s, mid-stream: hope, bufered: true}
          - {name: n, strategy: rules, targets: [{pool: p, model: x, price: z}]}
          - {name: o, strategy: weighted, targets: [{pool: p, model: x, price: z, weight: 0}]}
        prices: [{name: z, lines: {output_text: 1}}]
        """;

    assertThatThrownBy(() -> CatalogFile.parse(file, secret -> ""))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("organizations[0].residency: must be made of")
        .hasMessageContaining("pools[0].dialect: must be one of anthropic, azure, gemini, openai")
        .hasMessageContaining("pools[0].api-version: only the dialect azure has one")
        .hasMessageContaining("pools[0].api-version: must be such as")
        .hasMessageContaining("pools[0].headers.X-Api-Key: looks like a credential")
        .hasMessageContaining("pools[0].headers.Host: is set by the worker itself")
        .hasMessageContaining("pools[0].headers.a b: is no name of a header")
        .hasMessageContaining("pools[0].headers.x-note: must be printable ASCII")
        .hasMessageContaining("pools[0].credentials: give either credential or credentials")
        .hasMessageContaining("pools[0].credentials[0].credential: is a secret")
        .hasMessageContaining("pools[0].credentials[1].name: there is another credential")
        .hasMessageContaining("pools[0].credentials[1].credential: is required")
        .hasMessageContaining("pools[0].credentials[2].rpm: must be a whole number")
        .hasMessageContaining("pools[0].credentials[2].rmp: unknown key")
        .hasMessageContaining("models[0].cost-max-usd: must be an amount")
        .hasMessageContaining("models[0].targets[0].capabilities: must be among audio, json_schema")
        .hasMessageContaining("models[0].targets[0].residency: must be made of")
        .hasMessageContaining("models[0].rules: only the strategy rules heeds them")
        .hasMessageContaining("models[0].rules[0].when: is required")
        .hasMessageContaining("models[0].rules[2].when: must be a condition in CEL: ")
        .hasMessageContaining("models[0].rules[0].targets: must be a pool or pool/model")
        .hasMessageContaining("among the model's targets: q")
        .hasMessageContaining("among the model's targets: p/y")
        .hasMessageContaining("models[0].rules[1].targets: at least one is required")
        .hasMessageContaining("models[0].rules[1].then: unknown key")
        .hasMessageContaining("models[0].policy.first-byte-timeout: must be longer than nothing")
        .hasMessageContaining("models[0].policy.mid-stream: must be one of error, continue")
        .hasMessageContaining("models[0].policy.bufered: unknown key")
        .hasMessageContaining("models[1].rules: the strategy rules needs at least one")
        .hasMessageContaining("models[2].targets: at least one needs a weight above 0")
        .hasMessageNotContaining("targets: p/x")
        .hasMessageNotContaining("sk-raw");
  }

  @Test
  void keysAreKeptAsHashesAndRemovedOnlyWhenTheFileSaysSo(@TempDir Path directory)
      throws IOException {
    var secret = Files.writeString(directory.resolve("key"), "sk-pen-0123456789abcdef");
    var keys =
        "keys: [{name: app, organization: demo, secret: \"file:"
            + secret
            + "\", role: admin, models: [fast]}]\n";
    var other = "keys: [{name: app2, organization: demo, secret: \"file:" + secret + "\"}]\n";
    var catalog = applied(Catalog.EMPTY, FILE + keys);

    var key = entry(catalog, "key/key_demo_app", ApiKeyEntry.class);
    assertThat(key.getHash()).isEqualTo("hash of 23");
    assertThat(key.getHint()).isEqualTo("cdef");
    assertThat(key.getRole()).isEqualTo(Role.ADMIN);
    assertThat(key.getCreatedAt()).isEqualTo(NOW);
    assertThat(changes(catalog, FILE + keys)).isEmpty();
    assertThat(changes(catalog, FILE)).isEmpty();
    assertThat(changes(catalog, FILE + other))
        .extracting(Change::key)
        .containsExactly("key/key_demo_app2");
    assertThat(changes(catalog, FILE + other + "prune: true"))
        .extracting(Change::key)
        .containsExactly("key/key_demo_app2", "key/key_demo_app");
    assertThat(changes(catalog, FILE + "prune: true")).isEmpty();
  }

  @Test
  void theExampleIsAGoodFile() throws IOException {
    var example = Files.readString(Path.of("..", "examples", "penstock.yaml"));

    assertThat(CatalogFile.parse(example, secret -> "").pools()).isNotEmpty();
  }

  @Test
  void aWishForAKeyIsReadStrictly() {
    var wish =
        KeyRequest.parse(
            "{\"name\":\"app\",\"expires_in\":\"30d\",\"role\":\"admin\",\"models\":[\"fast\"]}",
            "acme");

    assertThat(wish.organization()).isEqualTo("acme");
    assertThat(wish.life()).isEqualTo(Duration.ofDays(30));
    assertThat(KeyRequest.parse("{\"name\":\"app\",\"expires_in\":60}", "acme").life())
        .isEqualTo(Duration.ofMinutes(1));
    var entry = wish.entry("key_1", "hash", "sk-pen-0123456789abcdef", NOW);
    assertThat(entry.getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(30)));
    assertThatThrownBy(() -> KeyRequest.parse("{\"nam\":\"app\",\"role\":\"god\"}", "acme"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("name: is required")
        .hasMessageContaining("role: must be one of")
        .hasMessageContaining("nam: unknown key");
  }

  private static List<Change> changes(Catalog catalog, String yaml) {
    return CatalogFile.parse(yaml, CatalogFileTest::hash).changes(catalog, NOW.plusSeconds(5));
  }

  private static Catalog applied(Catalog catalog, String yaml) {
    var entries = new HashMap<>(catalog.entries());
    for (var change : CatalogFile.parse(yaml, CatalogFileTest::hash).changes(catalog, NOW)) {
      switch (change) {
        case Change.Put put -> entries.put(put.key(), put.entry());
        case Change.Remove remove -> entries.remove(remove.key());
      }
    }
    return new Catalog(entries);
  }

  private static String hash(String secret) {
    return "hash of " + secret.length();
  }

  private static <T> T entry(Catalog catalog, String key, Class<T> type) {
    CatalogEntry entry = catalog.entries().get(key);
    assertThat(entry).isNotNull();
    return type.cast(entry.getEntry());
  }
}
