package io.penstock.ingress.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.PriceRule;
import io.penstock.schemas.avro.UnknownPrice;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PricesTest {

  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");

  private static final String PRICE =
      """
      prices:
        - name: big
          source: genai-prices google/big
          batch-factor: 0.50
          effective-from: 2026-01-01T00:00:00Z
          lines: {input_uncached: 1.25, output_text: 10, tool_units.web_search_requests: 10000}
          tiers:
            - {input-tokens-above: 200000, lines: {input_uncached: 2.5, output_text: 15}}
            - {service-tier: Priority, lines: {input_uncached: "2.50"}}
          changes:
            - from: 2027-01-01T00:00:00Z
              lines: {input_uncached: 1, output_text: 8}
      """;

  @Test
  void aPriceHasTiersChangesAndAFactorForBatches() {
    var price = price(applied(Catalog.EMPTY, PRICE), "big");

    assertThat(price.getBatchFactor()).isEqualTo("0.5");
    assertThat(price.getSource()).isEqualTo("genai-prices google/big");
    assertThat(price.getEffectiveFrom()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(price.getLines())
        .containsExactly(
            new PriceLine("input_uncached", "1.25", 0L, null),
            new PriceLine("output_text", "10", 0L, null),
            new PriceLine("tool_units.web_search_requests", "10000", 0L, null),
            new PriceLine("input_uncached", "2.5", 200_000L, null),
            new PriceLine("output_text", "15", 200_000L, null),
            new PriceLine("input_uncached", "2.5", 0L, "priority"));
    assertThat(price.getChanges())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.getFrom()).isEqualTo(Instant.parse("2027-01-01T00:00:00Z"));
              assertThat(change.getLines()).extracting("usdPerMillion").containsExactly("1", "8");
            });
    assertThat(CatalogFile.parse(PRICE, _ -> "").changes(applied(Catalog.EMPTY, PRICE), NOW))
        .isEmpty();
  }

  @Test
  void whateverChangesThePriceOfATokenIsAnotherVersion() {
    var catalog = applied(Catalog.EMPTY, PRICE);

    assertThat(price(applied(catalog, PRICE.replace("0.50", "0.6")), "big").getVersion())
        .isEqualTo(2);
    assertThat(price(applied(catalog, PRICE.replace("2027-01", "2027-02")), "big").getVersion())
        .isEqualTo(2);
    assertThat(price(applied(catalog, PRICE.replace("2026-01", "2026-02")), "big").getVersion())
        .isEqualTo(2);
    assertThat(price(applied(catalog, PRICE.replace("genai-prices", "hand")), "big").getVersion())
        .isEqualTo(1);
  }

  @Test
  void led06ABadFileIsRejectedWholeWithAllReasons() {
    var file =
        """
        allow-jumps: true
        prices:
          - name: a
            batch-factor: 2
            lines: {input_uncached: -1, input: 1, output_text: 1e9}
            tiers:
              - {lines: {output_text: 1}}
              - {service-tier: standard, lines: {output_text: 1}}
              - {input-tokens-above: 9, lines: {}}
              - {input-tokens-above: 200000, lines: {output_text: 1}}
              - {input-tokens-above: 200_000, lines: {output_text: 2}}
          - name: b
            lines: {output_text: free}
            effective-from: 2027-01-01T00:00:00Z
            changes:
              - {from: 2026-01-01T00:00:00Z, lines: {output_text: 1}}
              - {from: tomorrow, lines: {output_text: 1}}
              - {lines: {output_text: 1}}
              - {from: 2028-01-01T00:00:00Z}
        """;

    assertThatThrownBy(() -> CatalogFile.parse(file, _ -> ""))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("prices[0].batch-factor: must be a decimal from 0 to 1")
        .hasMessageContaining("prices[0].lines.input_uncached: must be a decimal in USD")
        .hasMessageContaining("prices[0].lines.input: must be one of")
        .hasMessageContaining("prices[0].lines.output_text: must be a decimal in USD")
        .hasMessageContaining("prices[0].tiers[0].input-tokens-above: this or service-tier")
        .hasMessageContaining("prices[0].tiers[1].service-tier: must be a tier such as")
        .hasMessageContaining("prices[0].tiers[2].lines: at least one is required")
        .hasMessageContaining("prices[0].tiers: there are two lines for output_text above 200000")
        .hasMessageContaining("prices[1].lines.output_text: must be a decimal in USD")
        .hasMessageContaining("prices[1].changes[0].from: must be after what comes before it")
        .hasMessageContaining("prices[1].changes[1].from: must be a time such as")
        .hasMessageContaining("prices[1].changes[2].from: is required")
        .hasMessageContaining("prices[1].changes[3].lines: at least one is required");
  }

  @Test
  void led06APublishedPriceDoesNotJumpUnlessTheFileSaysThatItMay() {
    var catalog = applied(Catalog.EMPTY, PRICE);
    var slip = PRICE.replace("output_text: 10,", "output_text: 100,");
    var cheap = PRICE.replace("output_text: 8", "output_text: 0.08");

    assertThatThrownBy(() -> applied(catalog, slip))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("price/big: output_text 10 → 100 (+900.0 %, a jump)")
        .hasMessageContaining("allow-jumps: true");
    assertThatThrownBy(() -> applied(catalog, cheap))
        .hasMessageContaining(
            "price/big: from 2027-01-01T00:00:00Z output_text 10 → 0.08 (-99.2 %, a jump)");
    assertThat(price(catalog, "big").getVersion()).isEqualTo(1);

    assertThat(price(applied(catalog, "allow-jumps: true\n" + slip), "big").getVersion())
        .isEqualTo(2);
    assertThat(applied(catalog, slip.replace("name: big", "name: big\n    allow-jumps: true")))
        .satisfies(applied -> assertThat(price(applied, "big").getVersion()).isEqualTo(2));
    assertThat(CatalogFile.parse(slip, _ -> "").allowingJumps().changes(catalog, NOW)).hasSize(1);
  }

  @Test
  void aPriceMayChangeByNineTenthsAndNoMore() {
    var catalog = applied(Catalog.EMPTY, PRICE);

    assertThat(
            price(applied(catalog, PRICE.replace("output_text: 10,", "output_text: 19,")), "big")
                .getVersion())
        .isEqualTo(2);
    assertThatThrownBy(
            () -> applied(catalog, PRICE.replace("output_text: 10,", "output_text: 19.001,")))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> applied(catalog, PRICE.replace("output_text: 10,", "output_text: 0,")))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void theDifferenceOfAPriceIsToldLineByLineInPercent() {
    var catalog = applied(Catalog.EMPTY, PRICE);
    var wanted =
        PRICE
            .replace("input_uncached: 1.25", "input_uncached: 1.5, input_cache_read: 0.1")
            .replace(
                "            - {service-tier: Priority, lines: {input_uncached: \"2.50\"}}\n", "")
            .replace("2027", "2028")
            .replace("0.50", "1");

    var changes = CatalogFile.parse(wanted, _ -> "").changes(catalog, NOW);

    assertThat(Difference.lines(catalog, changes))
        .singleElement()
        .asString()
        .contains("~ price/big: version 1 → 2, lines input_uncached 1.25 → 1.5 (+20.0 %)")
        .contains("; input_cache_read + 0.1")
        .contains("batch_factor 0.5 → null")
        .contains("from 2028-01-01T00:00:00Z input_uncached 1.5 → 1 (-33.3 %)")
        .contains("no longer from 2027-01-01T00:00:00Z");
  }

  @Test
  void aModelSaysWhatHappensWhereAPriceIsNotKnown() {
    var pools = "pools: [{name: p, base-url: \"http://localhost/v1\"}]\n";
    var target = "targets: [{pool: p, model: x, price: nowhere}]";
    var known = "prices: [{name: known, lines: {output_text: 1}}]\n";

    assertThatThrownBy(
            () -> CatalogFile.parse(pools + "models: [{name: m, " + target + "}]", _ -> ""))
        .hasMessageContaining("m: there is no price nowhere");
    assertThatThrownBy(
            () ->
                CatalogFile.parse(
                    pools
                        + known
                        + "models: [{name: m, unknown-price: fallback, "
                        + target
                        + "}, {name: n, fallback-price: known, "
                        + target
                        + "}, {name: o, unknown-price: fallback, fallback-price: gone, "
                        + target
                        + "}]",
                    _ -> ""))
        .hasMessageContaining("models[0].fallback-price: is required")
        .hasMessageContaining("models[1].fallback-price: only the unknown-price fallback")
        .hasMessageContaining("o: there is no price gone");
    var catalog =
        applied(
            Catalog.EMPTY,
            pools
                + known
                + "models: [{name: m, unknown-price: fallback, fallback-price: known, "
                + target
                + "}, {name: n, unknown-price: zero-flagged, "
                + target
                + "}]");
    assertThat(entry(catalog, "model/m", ModelEntry.class).getFallbackPrice()).isEqualTo("known");
    assertThat(entry(catalog, "model/n", ModelEntry.class).getUnknownPrice())
        .isEqualTo(UnknownPrice.ZERO_FLAGGED);
  }

  @Test
  void anOrganizationHasPriceRules() {
    var file =
        """
        organizations:
          - id: reseller
            price-rules:
              - {id: all, factor: "1.20"}
              - {id: gold, team: gold, model: fast, price: gold, request-usd: "0.001"}
              - {id: one, key: key_reseller_one, factor: 0.9}
        pools: [{name: p, base-url: "http://localhost/v1"}]
        models: [{name: slow, aliases: [fast], targets: [{pool: p, model: x, price: gold}]}]
        prices: [{name: gold, lines: {output_text: 1}}]
        """;

    var organization =
        entry(applied(Catalog.EMPTY, file), "organization/reseller", OrganizationEntry.class);

    assertThat(organization.getPriceRules())
        .containsExactly(
            new PriceRule("all", null, null, null, null, "1.2", 0L),
            new PriceRule("gold", "gold", null, "fast", "gold", "1", 1_000_000L),
            new PriceRule("one", null, "key_reseller_one", null, null, "0.9", 0L));
  }

  @Test
  void aBadPriceRuleIsRefused() {
    var file =
        """
        organizations:
          - id: reseller
            price-rules:
              - {id: all, factor: -1}
              - {id: all, factor: 1000, request-usd: "0.0000000001"}
              - {id: c, model: gone, price: gone, markup: 2}
        """;

    assertThatThrownBy(() -> CatalogFile.parse(file, _ -> ""))
        .hasMessageContaining("price-rules[0].factor: must be a decimal from 0 to 100")
        .hasMessageContaining("price-rules[1].id: there is another price rule of this id: all")
        .hasMessageContaining("price-rules[1].factor: must be")
        .hasMessageContaining("price-rules[1].request-usd: must be")
        .hasMessageContaining("price-rules[2].markup: unknown key")
        .hasMessageContaining("reseller: there is no price gone")
        .hasMessageContaining("reseller: there is no model gone");
  }

  private static Catalog applied(Catalog catalog, String file) {
    var entries = new HashMap<>(catalog.entries());
    List<Change> changes = CatalogFile.parse(file, _ -> "").changes(catalog, NOW);
    for (var change : changes) {
      switch (change) {
        case Change.Put put -> entries.put(put.key(), put.entry());
        case Change.Remove remove -> entries.remove(remove.key());
      }
    }
    return new Catalog(entries);
  }

  private static PriceEntry price(Catalog catalog, String name) {
    return entry(catalog, "price/" + name, PriceEntry.class);
  }

  private static <T> T entry(Catalog catalog, String key, Class<T> type) {
    CatalogEntry entry = catalog.entries().get(key);
    assertThat(entry).as(key).isNotNull();
    return type.cast(entry.getEntry());
  }
}
