package io.penstock.router.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.TokenUsage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TiersTest {

  private static final List<PriceLine> PRICES =
      List.of(
          line("input_uncached", "1", 0, null),
          line("input_uncached", "2", 200_000, null),
          line("input_uncached", "3", 1_000_000, null),
          line("input_cache_read", "0.1", 0, null),
          line("output_text", "10", 0, null),
          line("output_text", "15", 200_000, null),
          line("input_uncached", "5", 0, "priority"),
          line("output_text", "30", 0, "priority"),
          line("output_text", "60", 200_000, "priority"),
          line("input_uncached", "0.5", 0, "flex"),
          line("tool_units.web_search_requests", "10000", 0, null));

  @Test
  void aLongPromptHasTheHigherPriceForAllTokensOfTheRequest() {
    assertThat(prices(usage(200_000, 0, 1, null), null)).containsExactly("1", "10");
    assertThat(prices(usage(200_001, 0, 1, null), null)).containsExactly("2", "15");
    assertThat(prices(usage(1_000_001, 0, 1, null), null)).containsExactly("3", "15");
  }

  @Test
  void thePromptIsAsLongAsAllItsTokensCachedOrNot() {
    assertThat(prices(usage(1, 199_999, 1, null), null)).containsExactly("1", "0.1", "10");
    assertThat(prices(usage(1, 200_000, 1, null), null)).containsExactly("2", "0.1", "15");
  }

  @Test
  void theTierThatTheProviderSaysCountsBeforeTheOneAskedFor() {
    assertThat(prices(usage(1, 0, 1, "priority"), "flex")).containsExactly("5", "30");
    assertThat(prices(usage(1, 0, 1, "default"), "priority")).containsExactly("1", "10");
    assertThat(prices(usage(1, 0, 1, "Standard"), "priority")).containsExactly("1", "10");
    assertThat(prices(usage(1, 0, 1, null), "Priority")).containsExactly("5", "30");
    assertThat(prices(usage(1, 0, 1, null), "auto")).containsExactly("1", "10");
  }

  @Test
  void aLineWithoutATierHoldsWhereThereIsNoneOfThatTier() {
    assertThat(prices(usage(1, 1, 1, "flex"), null)).containsExactly("0.5", "0.1", "10");
    assertThat(prices(usage(1, 0, 1, "scale"), null)).containsExactly("1", "10");
    assertThat(prices(usage(200_001, 0, 1, "priority"), null)).containsExactly("5", "60");
  }

  @Test
  void anImageIsPricedAsTextAndToolsByTheUnit() {
    var usage = Fixtures.usage(0, 0);
    usage.setInputImage(1_000L);
    usage.setToolUnits(Map.of("web_search_requests", 3L));

    var priced = Pricing.cost(usage, PRICES, null);

    assertThat(priced.lines())
        .containsExactly(
            new ChargeLine("input_image", 1_000L, "1", 1_000_000L),
            new ChargeLine("tool_units.web_search_requests", 3L, "10000", 30_000_000L));
    assertThat(priced.guessed()).isEmpty();
  }

  @Test
  void noTokenIsPricedAsASearch() {
    var usage = Fixtures.usage(0, 0);
    usage.setOutputAudio(1L);
    usage.setToolUnits(Map.of("unheard_of", 1L));

    var priced = Pricing.cost(usage, PRICES, null);

    assertThat(priced.lines())
        .extracting(ChargeLine::getUsdPerMillion)
        .containsExactly("10", "10000");
    assertThat(priced.guessed()).containsExactly("output_audio", "tool_units.unheard_of");
  }

  @Test
  void led05AbsentZeroAndSomeAreThreeThings() {
    var absent = TokenUsage.newBuilder(Fixtures.usage(0, 0)).setInputUncached(null).build();

    assertThat(Pricing.cost(absent, PRICES, null).lines()).isEmpty();
    assertThat(Pricing.cost(Fixtures.usage(0, 0), PRICES, null).lines()).isEmpty();
    assertThat(Pricing.cost(Fixtures.usage(1, 0), PRICES, null).total().nanoUsd()).isEqualTo(1_000);
    assertThat(absent.getInputUncached()).isNull();
  }

  private static List<String> prices(TokenUsage usage, @Nullable String asked) {
    return Pricing.cost(usage, PRICES, asked).lines().stream()
        .map(ChargeLine::getUsdPerMillion)
        .toList();
  }

  private static TokenUsage usage(long input, long read, long output, @Nullable String tier) {
    var usage = Fixtures.usage(input, output);
    usage.setInputCacheRead(read);
    usage.setServiceTier(tier);
    return usage;
  }

  static PriceLine line(String tokenClass, String usd, long above, @Nullable String tier) {
    return new PriceLine(tokenClass, usd, above, tier);
  }
}
