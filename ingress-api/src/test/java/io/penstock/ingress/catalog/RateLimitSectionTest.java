package io.penstock.ingress.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.RateLimit;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RateLimitSectionTest {

  private static final String MODELS =
      """
      pools: [{name: p, provider: p, dialect: openai, base-url: "http://localhost/v1"}]
      models: [{name: fast, aliases: [quick], targets: [{pool: p, model: m, price: x}]}]
      prices: [{name: x, lines: {input_uncached: "1"}}]
      """;

  private static List<RateLimit> limits(String limits) {
    var file =
        CatalogFile.parse(
            "organizations: [{id: demo, rate-limits: [" + limits + "]}]\n" + MODELS, secret -> "");
    var put = (Change.Put) file.changes(Catalog.EMPTY, Instant.EPOCH).getFirst();
    return ((OrganizationEntry) put.entry().getEntry()).getRateLimits();
  }

  @Test
  void limitsAreReadWithTheirScopes() {
    var limits =
        limits(
            "{id: all, rpm: 600, tpm: 1_000_000, concurrency: 50},"
                + "{id: each-user, scope: end-user, rpm: 10},"
                + "{id: ops, scope: team, scope-name: ops, model: quick, tpm: 5000},"
                + "{id: fast, scope: model, scope-name: fast, queued-tokens: 2000000}");

    assertThat(limits)
        .containsExactly(
            limit("all")
                .setRequestsPerMinute(600L)
                .setTokensPerMinute(1_000_000L)
                .setConcurrency(50L)
                .build(),
            limit("each-user").setScope(BudgetScope.END_USER).setRequestsPerMinute(10L).build(),
            limit("ops")
                .setScope(BudgetScope.TEAM)
                .setScopeName("ops")
                .setModel("quick")
                .setTokensPerMinute(5_000L)
                .build(),
            limit("fast")
                .setScope(BudgetScope.MODEL)
                .setScopeName("fast")
                .setQueuedTokens(2_000_000L)
                .build());
  }

  @Test
  void allErrorsAreToldAtOnce() {
    assertThatThrownBy(
            () ->
                limits(
                    "{id: a, scope-name: x, rpm: 1}, {id: a, tpm: 0}, {id: b},"
                        + " {id: c, scope: model, model: fast, rpm: 1},"
                        + " {id: d, model: slow, rpm: 1}, {id: e, scope: nobody, rpm: 1, burst: 3}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "has no meaning for the organisation itself",
            "there is another rate limit of this id: a",
            "one of rpm, tpm, concurrency and queued-tokens is required",
            "say it in scope-name for this scope",
            "there is no model slow to limit",
            "nobody",
            "burst");
  }

  @Test
  void aKeyOfTheApiHasLimitsOfItsOwnIfItsMakerSaysSo() {
    var limited =
        KeyRequest.parse("{\"name\":\"web\",\"rpm\":60,\"tpm\":9000,\"concurrency\":4}", "demo")
            .entry("key_1", "hash", "secret", Instant.EPOCH);
    var unlimited =
        KeyRequest.parse("{\"name\":\"web\"}", "demo")
            .entry("key_2", "hash", "secret", Instant.EPOCH);

    assertThat(limited.getRequestsPerMinute()).isEqualTo(60);
    assertThat(limited.getTokensPerMinute()).isEqualTo(9_000);
    assertThat(limited.getConcurrency()).isEqualTo(4);
    assertThat(unlimited.getRequestsPerMinute()).isNull();
    assertThatThrownBy(() -> KeyRequest.parse("{\"name\":\"web\",\"rpm\":0}", "demo"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("rpm");
  }

  private static RateLimit.Builder limit(String id) {
    return RateLimit.newBuilder().setId(id).setScope(BudgetScope.ORGANIZATION);
  }
}
