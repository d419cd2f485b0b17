package io.penstock.router.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.PriceLine;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoundingTest {

  @Test
  void led10AMillionRoundedLinesAreTheExactSumToHalfANanoALine() {
    var random = new Random(10);
    var exact = BigDecimal.ZERO;
    var rounded = 0L;
    var lines = 0L;
    while (lines < 1_000_000) {
      var input = BigDecimal.valueOf(random.nextLong(1_000_000_000_000L), 9);
      var output = BigDecimal.valueOf(random.nextLong(1_000_000_000_000L), 12);
      var factor = BigDecimal.valueOf(1 + random.nextInt(300), 2);
      var prices =
          List.of(
              new PriceLine("input_uncached", input.toPlainString(), 0L, null),
              new PriceLine("output_text", output.toPlainString(), 0L, null));
      var usage = Fixtures.usage(1 + random.nextInt(200_000), 1 + random.nextInt(20_000));

      var priced = Pricing.price(usage, prices, null, factor);

      exact =
          exact
              .add(product(input, usage.getInputUncached(), factor))
              .add(product(output, usage.getOutputText(), factor));
      var sum = 0L;
      for (var line : priced.lines()) {
        sum = Math.addExact(sum, line.getAmountNanoUsd());
        lines++;
      }
      rounded = Math.addExact(rounded, sum);
      assertThat(priced.total().nanoUsd()).isEqualTo(sum);
    }

    assertThat(BigDecimal.valueOf(rounded).subtract(exact).abs())
        .isLessThanOrEqualTo(BigDecimal.valueOf(lines).multiply(new BigDecimal("0.5")));
  }

  private static BigDecimal product(BigDecimal price, long tokens, BigDecimal factor) {
    return price.multiply(BigDecimal.valueOf(tokens)).multiply(factor).movePointRight(3);
  }
}
