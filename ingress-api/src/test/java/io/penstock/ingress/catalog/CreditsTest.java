package io.penstock.ingress.catalog;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingress.catalog.Credits.Added;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.schemas.avro.BudgetCondition;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.CreditGrant;
import io.penstock.schemas.avro.DegradeRule;
import io.penstock.schemas.avro.OrganizationEntry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CreditsTest {

  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private static final OrganizationEntry ACME =
      OrganizationEntry.newBuilder().setId("acme").setName("Acme").build();

  private static Map<String, CatalogEntry> applied(Map<String, CatalogEntry> present, String yaml) {
    var entries = new HashMap<>(present);
    for (var change :
        CatalogFile.parse(yaml, secret -> "").changes(new Catalog(present), NOW, "key_1")) {
      switch (change) {
        case Change.Put put -> entries.put(put.key(), put.entry());
        case Change.Remove remove -> entries.remove(remove.key());
      }
    }
    return entries;
  }

  private static OrganizationEntry acme(Map<String, CatalogEntry> entries) {
    var acme = new Catalog(entries).organization("acme");
    assertThat(acme).isNotNull();
    return acme;
  }

  @Test
  void aGrantWithoutAnIdHasTheOneOfItsKey() {
    assertThat(Credits.parse("{\"amount_usd\": \"1\"}", "once-1").getId()).isEqualTo("once-1");
    assertThat(Credits.parse("{\"id\": \"a\", \"amount_usd\": \"1\"}", "once-1").getId())
        .isEqualTo("a");
    assertThatThrownBy(() -> Credits.parse("{\"amount_usd\": \"1\"}", null))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("id");
  }

  @Test
  void aGrantIsAddedOnceAndAnotherOfItsIdNever() {
    var grant =
        Credits.parse("{\"id\": \"order-1\", \"amount_usd\": \"250.5\", \"priority\": 2}", null);
    assertThat(grant.getAmountNanoUsd()).isEqualTo(250_500_000_000L);
    assertThat(grant.getPaid()).isTrue();

    var added = Credits.add(ACME, grant);
    assertThat(added).isInstanceOf(Added.New.class);
    var organization = ((Added.New) added).organization();
    assertThat(organization.getCredits()).containsExactly(grant);

    assertThat(
            Credits.add(
                organization,
                Credits.parse(
                    "{\"priority\": 2, \"id\": \"order-1\", \"amount_usd\": 250.50}", null)))
        .isInstanceOf(Added.Known.class);
    assertThat(
            Credits.add(
                organization,
                Credits.parse(
                    "{\"id\": \"order-1\", \"amount_usd\": \"250.6\", \"priority\": 2}", null)))
        .isInstanceOf(Added.Other.class);
  }

  @Test
  void allErrorsOfAGrantAreTold() {
    assertThatThrownBy(
            () ->
                Credits.parse(
                    "{\"id\": \"Order 1\", \"amount_usd\": \"0\", \"expires_at\": \"soon\", \"x\": 1}",
                    null))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("id: must be made of")
        .hasMessageContaining("amount_usd: must be above 0")
        .hasMessageContaining("expires_at: must be a time")
        .hasMessageContaining("x: unknown key");
  }

  @Test
  void aFileThatDoesNotNameCreditDoesNotTakeItAway() {
    var file = "organizations: [{id: acme, prepaid: true, credits: [{id: a, amount: 5}]}]";
    var entries = new HashMap<>(applied(Map.of(), file));
    var topUp = Credits.parse("{\"id\": \"b\", \"amount_usd\": 7}", null);
    var more = ((Added.New) Credits.add(acme(entries), topUp)).organization();
    entries.put(
        "organization/acme", new CatalogEntry("organization", "acme", 2L, "key_1", NOW, more));

    assertThat(applied(entries, file)).isEqualTo(entries);
    assertThat(acme(applied(entries, "organizations: [{id: acme}]")).getCredits())
        .extracting(CreditGrant::getId)
        .containsExactly("a", "b");
    var lowered = applied(entries, "organizations: [{id: acme, credits: [{id: b, amount: 0}]}]");
    assertThat(acme(lowered).getCredits())
        .extracting(CreditGrant::getAmountNanoUsd)
        .containsExactly(5_000_000_000L, 0L);
  }

  @Test
  void everyKeyOfABudgetIsRead() {
    var entries =
        applied(
            Map.of(),
            """
            organizations: [{id: acme}]
            pools: [{name: p, base-url: "http://localhost:1"}]
            prices: [{name: x, lines: {input_uncached: "1", output_text: "1"}}]
            models:
              - {name: fast, aliases: [quick], targets: [{pool: p, model: m, price: x}]}
            budgets:
              - id: b
                organization: acme
                scope: team
                unit: tokens
                limit: 20000
                window: day
                rolling: true
                grace: 500
                alert-percent: [50, 100]
                group-by: [end-user, tag]
                conditions: [{dimension: model, values: [fast, smart]}]
                degrade: [{from-percent: 80, model: quick, only: [smart]}]
            """);

    assertThat(requireNonNull(entries.get("budget/b")).getEntry())
        .isEqualTo(
            BudgetEntry.newBuilder()
                .setId("b")
                .setOrganization("acme")
                .setScope(BudgetScope.TEAM)
                .setUnit(BudgetUnit.TOKENS)
                .setLimitNanoUsd(20_000)
                .setWindow(BudgetWindow.DAY)
                .setRolling(true)
                .setGrace(500)
                .setAlertPercent(List.of(50, 100))
                .setGroupBy(List.of(BudgetScope.END_USER, BudgetScope.TAG))
                .setConditions(
                    List.of(new BudgetCondition(BudgetScope.MODEL, List.of("fast", "smart"))))
                .setDegrade(
                    List.of(
                        DegradeRule.newBuilder()
                            .setFromPercent(80)
                            .setModel("quick")
                            .setOnly(List.of("smart"))
                            .build()))
                .build());
  }

  @Test
  void allErrorsOfABudgetAreTold() {
    var file =
        """
        organizations: [{id: acme, credits: [{id: a, amount: -1}, {id: a, amount: 1}]}]
        budgets:
          - id: b
            organization: acme
            scope-name: x
            unit: euro
            limit: "1"
            rolling: true
            hard: false
            grace: "1"
            alert-percent: [0]
            group-by: [organization]
            conditions: [{values: []}]
            degrade: [{model: nowhere}]
          - {id: c, organization: acme, unit: requests, limit: "1.5"}
        """;

    assertThatThrownBy(() -> CatalogFile.parse(file, secret -> ""))
        .hasMessageContaining("organizations[0].credits[0].amount: must be an amount")
        .hasMessageContaining("organizations[0].credits[1].id: there is another credit")
        .hasMessageContaining("budgets[0].scope-name: has no meaning")
        .hasMessageContaining("budgets[0].unit: must be one of usd, tokens, requests")
        .hasMessageContaining("budgets[0].rolling: needs a window that ends")
        .hasMessageContaining("budgets[0].grace: has no meaning")
        .hasMessageContaining("budgets[0].alert-percent: must be whole numbers")
        .hasMessageContaining("budgets[0].group-by: must be of team")
        .hasMessageContaining("budgets[0].conditions[0].values: must name at least one")
        .hasMessageContaining("budgets[0].conditions[0].dimension: is required")
        .hasMessageContaining("b: there is no model nowhere")
        .hasMessageContaining("budgets[1].limit: must be a whole number");
  }
}
