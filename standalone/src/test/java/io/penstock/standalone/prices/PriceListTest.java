package io.penstock.standalone.prices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingress.catalog.CatalogFile;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.standalone.prices.PriceList.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class PriceListTest {

  private static final Path LISTS = Path.of("../../shared/data/prices");

  @Test
  void aFieldOfLiteLlmIsAClassASizeAndATier() {
    var prices =
        litellm(
            """
            {"sample_spec": {"input_cost_per_token": 0.0},
             "last_updated": "2026-07-24",
             "big": {"litellm_provider": "x", "mode": "chat",
               "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
               "input_cost_per_token_above_200k_tokens": 2.5e-06,
               "output_cost_per_token_above_200k_tokens": 1.5e-05,
               "input_cost_per_token_flex": 6.25e-07,
               "input_cost_per_token_above_272k_tokens_priority": 5e-06,
               "cache_read_input_token_cost": 1.25e-07,
               "cache_creation_input_token_cost": 1.5625e-06,
               "cache_creation_input_token_cost_above_1hr": 2.5e-06,
               "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 5e-06,
               "output_cost_per_reasoning_token": 2e-05,
               "input_cost_per_audio_token": 1e-06, "output_cost_per_audio_token": 2e-06,
               "input_cost_per_token_batches": 6.25e-07, "output_cost_per_token_batches": 5.5e-06,
               "output_cost_per_image": 0.04, "input_cost_per_second": 0.0001,
               "search_context_cost_per_query": {"search_context_size_low": 0.01,
                 "search_context_size_high": 0.035}}}
            """);

    assertThat(prices).containsOnlyKeys("big");
    var big = price(prices, "big");
    assertThat(big.getSource()).isEqualTo("litellm big");
    assertThat(big.getBatchFactor()).isEqualTo("0.55");
    assertThat(big.getLines())
        .containsExactlyInAnyOrder(
            line("input_uncached", "1.25", 0, null),
            line("output_text", "10", 0, null),
            line("input_uncached", "2.5", 200_000, null),
            line("output_text", "15", 200_000, null),
            line("input_uncached", "0.625", 0, "flex"),
            line("input_uncached", "5", 272_000, "priority"),
            line("input_cache_read", "0.125", 0, null),
            line("input_cache_write_5m", "1.5625", 0, null),
            line("input_cache_write_1h", "2.5", 0, null),
            line("input_cache_write_1h", "5", 200_000, null),
            line("output_reasoning", "20", 0, null),
            line("input_audio", "1", 0, null),
            line("output_audio", "2", 0, null),
            line("tool_units.output_images", "40000", 0, null),
            line("tool_units.input_seconds", "100", 0, null),
            line("tool_units.web_search_requests", "35000", 0, null));
  }

  @Test
  void rangesOfLiteLlmAreTiersFromWhereTheyBegin() {
    var prices =
        litellm(
            """
            {"q": {"tiered_pricing": [
              {"input_cost_per_token": 4e-07, "output_cost_per_token": 1.2e-06, "range": [0, 256000.0]},
              {"input_cost_per_token": 1.2e-06, "output_cost_per_token": 3.6e-06,
               "range": [256000.0, 1000000.0]}]},
             "e": {"mode": "embedding", "input_cost_per_token": 2e-08, "output_cost_per_token": 0.0},
             "a": {"input_cost_per_token": 1e-06, "input_cost_per_token_above_128k_tokens": 2e-06,
               "supports_audio_input": true}}
            """);

    assertThat(price(prices, "q").getLines())
        .containsExactlyInAnyOrder(
            line("input_uncached", "0.4", 0, null),
            line("output_text", "1.2", 0, null),
            line("input_uncached", "1.2", 256_000, null),
            line("output_text", "3.6", 256_000, null));
    assertThat(price(prices, "e").getLines())
        .containsExactly(
            line("input_uncached", "0.02", 0, null), line("output_text", "0", 0, null));
    assertThat(price(prices, "a").getLines())
        .contains(line("input_audio", "1", 0, null), line("input_audio", "2", 128_000, null));
  }

  @Test
  void genaiPricesHasTiersAndDates() {
    var prices =
        entries(
            PriceList.read(
                Format.GENAI_PRICES,
                """
                [{"id": "p", "models": [
                  {"id": "m", "prices": {"input_mtok": {"base": 1.25, "tiers": [{"start": 200000, "price": 2.5}]},
                    "cache_write_mtok": 1.5, "output_mtok": 10, "requests_kcount": 12}},
                  {"id": "n", "prices": [
                    {"prices": {"input_mtok": 10}},
                    {"constraint": {"start_date": "2025-06-10"}, "prices": {"input_mtok": 2}}]},
                  {"id": "night", "prices": [
                    {"prices": {"input_mtok": 1, "output_mtok": 3}},
                    {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
                     "prices": {"input_mtok": 2, "output_mtok": 2}}]},
                  {"id": "free", "prices": {}}]}]
                """,
                name -> true));

    assertThat(prices).containsOnlyKeys("p/m", "p/n", "p/night");
    assertThat(price(prices, "p/night").getLines())
        .containsExactly(line("input_uncached", "2", 0, null), line("output_text", "3", 0, null));
    assertThat(price(prices, "p/m").getLines())
        .containsExactlyInAnyOrder(
            line("input_uncached", "1.25", 0, null),
            line("input_uncached", "2.5", 200_000, null),
            line("input_cache_write_5m", "1.5", 0, null),
            line("output_text", "10", 0, null),
            line("tool_units.requests", "12000", 0, null));
    assertThat(price(prices, "p/n").getChanges())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.getFrom()).isEqualTo(Instant.parse("2025-06-10T00:00:00Z"));
              assertThat(change.getLines()).containsExactly(line("input_uncached", "2", 0, null));
            });
  }

  @Test
  void onlyTheModelsAskedForAreTaken() {
    var json =
        "{\"gpt-5\": {\"input_cost_per_token\": 1e-6}, \"gpt-5-mini\": {\"input_cost_per_token\": 1e-7},"
            + " \"other\": {\"input_cost_per_token\": -1}}";

    var list = PriceList.read(Format.LITELLM, json, NamePatterns.any(List.of("gpt-5*", "x?")));

    assertThat(list.names()).containsExactly("gpt-5", "gpt-5-mini");
    assertThat(NamePatterns.any(List.of("gpt-?")).test("gpt-5")).isTrue();
    assertThatThrownBy(() -> PriceList.read(Format.LITELLM, json, NamePatterns.any(List.of("gpt"))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no price of such a name");
  }

  @Test
  void led06ABadListIsRejectedWholeWithAllReasons() {
    assertThatThrownBy(
            () ->
                PriceList.read(
                    Format.LITELLM,
                    """
                    {"good": {"input_cost_per_token": 1e-6},
                     "negative": {"input_cost_per_token": -1e-6},
                     "text": {"output_cost_per_token": "a lot"},
                     "list": [1],
                     "dear": {"output_cost_per_token": 2}}
                    """,
                    name -> true))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("negative.input_cost_per_token: must not be below zero")
        .hasMessageContaining("text.output_cost_per_token: must be a number")
        .hasMessageContaining("list: must be an object");
    assertThatThrownBy(
            () ->
                PriceList.read(
                    Format.LITELLM, "{\"dear\": {\"output_cost_per_token\": 2}}", name -> true))
        .hasMessageContaining("must be a decimal in USD per million");
    assertThatThrownBy(
            () ->
                PriceList.read(
                    Format.LITELLM,
                    "{\"a\": {\"input_cost_per_token\": 1, \"input_cost_per_token\": 2}}",
                    name -> true))
        .hasMessageContaining("the list is not JSON")
        .hasMessageContaining("Duplicate");
    assertThatThrownBy(() -> PriceList.read(Format.LITELLM, "{\"a\": {}}{", name -> true))
        .hasMessageContaining("the list is not JSON");
    assertThatThrownBy(() -> PriceList.read(Format.LITELLM, "", name -> true))
        .hasMessageContaining("must be an object of models");
    assertThatThrownBy(() -> PriceList.read(Format.GENAI_PRICES, "{}", name -> true))
        .hasMessageContaining("must be a list of providers");
    assertThatThrownBy(
            () ->
                PriceList.read(
                    Format.GENAI_PRICES,
                    """
                    [{"id": "p", "models": [
                      {"id": "twice", "prices": {"input_mtok": 1}}, {"id": "twice", "prices": {"input_mtok": 1}},
                      {"id": "none"},
                      {"id": "tiers", "prices": {"input_mtok": {"base": 1, "tiers": [
                        {"start": 5, "price": 1}, {"start": 5, "price": 2}]}}},
                      {"id": "dates", "prices": [{"prices": {"input_mtok": 1}},
                        {"constraint": {"start_date": "2026-01-01"}, "prices": {"input_mtok": 1}},
                        {"constraint": {"start_date": "2026-01-01"}, "prices": {"input_mtok": 2}}]}]}]
                    """,
                    name -> true))
        .hasMessageContaining("p/twice: is there twice")
        .hasMessageContaining("p/none: must have prices")
        .hasMessageContaining("p/tiers.input_mtok: must have tiers that begin one above the other")
        .hasMessageContaining("p/dates: its dates overlap");
  }

  @Test
  void theListsAsTheyArePublishedAreTakenWhole() throws IOException {
    var litellm = list("litellm_model_prices_and_context_window.json");
    var genai = list("genai-prices.data.json");

    var ofLitellm = PriceList.read(Format.LITELLM, litellm, name -> true);
    var ofGenai = PriceList.read(Format.GENAI_PRICES, genai, name -> true);

    assertThat(ofLitellm.names()).hasSizeGreaterThan(2_500);
    assertThat(ofGenai.names()).hasSizeGreaterThan(1_200);
    assertThat(ofLitellm.notes().keySet())
        .as("left out of LiteLLM's: %s", ofLitellm.notes())
        .allSatisfy(
            note ->
                assertThat(note)
                    .matches(
                        "models .*|tiers by something else.*|fields .*(dbu|audio_token_cost"
                            + "|1k_tokens|gb_per_day|credit|interval|1080p|video_token|citation).*"));
    assertThat(ofGenai.notes().keySet())
        .as("left out of genai-prices': %s", ofGenai.notes())
        .containsExactlyInAnyOrder(
            "fields cache_audio_read_mtok",
            "models whose names no price can have",
            "models without any price that could be taken",
            "prices by the time of day: the dearest is taken");
  }

  static String list(String name) throws IOException {
    var path = LISTS.resolve(name);
    Assumptions.assumeTrue(
        Files.isReadable(path), () -> "skipped: published prices are not at " + path);
    return Files.readString(path);
  }

  private static Map<String, PriceEntry> litellm(String json) {
    return entries(PriceList.read(Format.LITELLM, json, name -> true));
  }

  /** The prices as the catalogue has them once the section is applied. */
  static Map<String, PriceEntry> entries(PriceList list) {
    var prices = new HashMap<String, PriceEntry>();
    var file = CatalogFile.parse(list.yaml(), secret -> secret);
    for (var change : file.changes(Catalog.EMPTY, Instant.EPOCH)) {
      if (change instanceof Change.Put put && put.entry().getEntry() instanceof PriceEntry price) {
        prices.put(price.getName(), price);
      }
    }
    return prices;
  }

  private static PriceEntry price(Map<String, PriceEntry> prices, String name) {
    var price = prices.get(name);
    assertThat(price).as(name).isNotNull();
    return price;
  }

  private static PriceLine line(
      String tokenClass, String usd, long above, @org.jspecify.annotations.Nullable String tier) {
    return new PriceLine(tokenClass, usd, above, tier);
  }
}
