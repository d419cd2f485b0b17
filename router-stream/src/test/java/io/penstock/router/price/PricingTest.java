package io.penstock.router.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.money.Money;
import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.PriceLine;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PricingTest {

  private static final List<PriceLine> PRICES =
      List.of(
          PriceLine.newBuilder().setTokenClass("input_uncached").setUsdPerMillion("0.15").build(),
          PriceLine.newBuilder()
              .setTokenClass("input_cache_write_5m")
              .setUsdPerMillion("0.1875")
              .build(),
          PriceLine.newBuilder().setTokenClass("output_text").setUsdPerMillion("0.6").build());

  @Test
  void eachClassIsALineAndTheLinesAddUp() {
    var usage = Fixtures.usage(1_000, 10);

    var priced = Pricing.cost(usage, PRICES, null);

    assertThat(priced.lines())
        .containsExactly(
            new ChargeLine("input_uncached", 1_000L, "0.15", 150_000L),
            new ChargeLine("output_text", 10L, "0.6", 6_000L));
    assertThat(priced.total()).isEqualTo(new Money(156_000));
    assertThat(priced.guessed()).isEmpty();
  }

  @Test
  void aClassWithoutAPriceHasThePriceOfWhatItIsAKindOf() {
    var usage = Fixtures.usage(0, 0);
    usage.setInputCacheRead(100L);
    usage.setInputCacheWrite1h(100L);
    usage.setOutputReasoning(100L);

    var priced = Pricing.cost(usage, PRICES, null);

    assertThat(priced.lines())
        .extracting(ChargeLine::getUsdPerMillion)
        .containsExactly("0.15", "0.1875", "0.6");
    assertThat(priced.guessed()).isEmpty();
  }

  @Test
  void aClassThatIsNoKindOfAnyPricedOneHasTheDearestPriceAndIsNamed() {
    var usage = Fixtures.usage(0, 0);
    usage.setInputAudio(1_000_000L);
    usage.setToolUnits(Map.of("search", 2L));

    var priced = Pricing.cost(usage, PRICES, null);

    assertThat(priced.guessed()).containsExactly("input_audio", "tool_units.search");
    assertThat(priced.total()).isEqualTo(Money.ofUsd("0.6").plus(new Money(1_200)));
  }

  /**
   * Every class under prices of increasing detail. What is no kind of a priced class is priced as
   * the dearest, and named.
   *
   * @param text of prices for text alone
   * @param writes with one for writes of five minutes besides
   * @param all with one for each class
   */
  @ParameterizedTest
  @CsvSource({
    "input_uncached,       2,    2,    2",
    "input_cache_read,     2,    2,    0.2",
    "input_cache_write_5m, 2,    2.5,  2.5",
    "input_cache_write_1h, 2,    2.5,  4",
    "input_image,          2,    2,    3",
    "input_audio,          10 !, 10 !, 32",
    "output_text,          10,   10,   10",
    "output_reasoning,     10,   10,   12",
    "output_audio,         10 !, 10 !, 64",
    "output_image,         10 !, 10 !, 40"
  })
  void eachClassFallsBackToWhatItIsAKindOfAndElseToTheDearest(
      String tokenClass, String text, String writes, String all) {
    var lines = new ArrayList<>(List.of(price("input_uncached", "2"), price("output_text", "10")));
    assertThat(priceOf(tokenClass, lines)).isEqualTo(text);
    lines.add(price("input_cache_write_5m", "2.5"));
    assertThat(priceOf(tokenClass, lines)).isEqualTo(writes);
    lines.add(price("input_cache_read", "0.2"));
    lines.add(price("input_cache_write_1h", "4"));
    lines.add(price("input_image", "3"));
    lines.add(price("input_audio", "32"));
    lines.add(price("output_reasoning", "12"));
    lines.add(price("output_audio", "64"));
    lines.add(price("output_image", "40"));
    assertThat(priceOf(tokenClass, lines)).isEqualTo(all);
  }

  private static PriceLine price(String tokenClass, String usdPerMillion) {
    return PriceLine.newBuilder().setTokenClass(tokenClass).setUsdPerMillion(usdPerMillion).build();
  }

  private static String priceOf(String tokenClass, List<PriceLine> prices) {
    var usage = Fixtures.usage(0, 0);
    usage.put(tokenClass, 1_000L);
    var priced = Pricing.cost(usage, prices, null);
    assertThat(priced.lines()).hasSize(1);
    var line = priced.lines().getFirst();
    return line.getUsdPerMillion() + (priced.guessed().contains(tokenClass) ? " !" : "");
  }

  @Test
  void nothingUsedIsNothingOwed() {
    assertThat(Pricing.cost(null, PRICES, null).total()).isEqualTo(Money.ZERO);
    assertThat(Pricing.cost(Fixtures.usage(0, 0), PRICES, null).lines()).isEmpty();
  }

  @Test
  void halvesAreRoundedToTheEvenNeighbourOnceForEachLine() {
    var half =
        List.of(
            PriceLine.newBuilder()
                .setTokenClass("input_uncached")
                .setUsdPerMillion("0.0005")
                .build(),
            PriceLine.newBuilder().setTokenClass("output_text").setUsdPerMillion("0.0015").build());

    assertThat(Pricing.cost(Fixtures.usage(1, 0), half, null).total()).isEqualTo(Money.ZERO);
    assertThat(Pricing.cost(Fixtures.usage(0, 1), half, null).total()).isEqualTo(new Money(2));
    assertThat(Pricing.cost(Fixtures.usage(1, 1), half, null).total()).isEqualTo(new Money(2));
  }

  @Test
  void everyLineIsTheExactProductToHalfANano() {
    var random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      var price = BigDecimal.valueOf(random.nextInt(100_000_000), 6);
      var tokens = random.nextLong(10_000_000);
      var prices =
          List.of(
              PriceLine.newBuilder()
                  .setTokenClass("input_uncached")
                  .setUsdPerMillion(price.toPlainString())
                  .build());

      var total = Pricing.cost(Fixtures.usage(tokens, 0), prices, null).total();

      var exact = price.multiply(BigDecimal.valueOf(tokens)).movePointRight(3);
      assertThat(BigDecimal.valueOf(total.nanoUsd()))
          .isEqualByComparingTo(exact.setScale(0, RoundingMode.HALF_EVEN));
    }
  }

  @Test
  void aPriceThatIsNoDecimalIsNoPrice() {
    assertThat(Pricing.valid(PRICES)).isTrue();
    assertThat(Pricing.valid(List.of())).isFalse();
    assertThat(
            Pricing.valid(
                List.of(
                    PriceLine.newBuilder()
                        .setTokenClass("input_uncached")
                        .setUsdPerMillion("free")
                        .build())))
        .isFalse();
    assertThat(
            Pricing.valid(
                List.of(
                    PriceLine.newBuilder()
                        .setTokenClass("input_uncached")
                        .setUsdPerMillion("-1")
                        .build())))
        .isFalse();
  }
}
