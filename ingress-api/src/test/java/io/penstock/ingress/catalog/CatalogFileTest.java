package io.penstock.ingress.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
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
        pools: [{name: p, base-url: "ftp://x", credential: sk-secret, colour: red, timeouts: {idle: 0s}}]
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
        .hasMessageContaining("budgets[0].scope-name: is required")
        .hasMessageContaining("budgets[0].time-zone: must be a time zone")
        .hasMessageContaining("keys[0].secret: environment variable PENSTOCK_NOT_SET is not set")
        .hasMessageContaining("wat: unknown key")
        .hasMessageNotContaining("sk-secret");
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
