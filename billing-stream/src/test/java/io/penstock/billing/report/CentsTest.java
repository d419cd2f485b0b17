package io.penstock.billing.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class CentsTest {

  private static final long CENT = 10_000_000;
  private static final long SEED = 20260321;

  @Test
  void anAmountIsRoundedHalfEven() {
    assertThat(Cents.of(5_000_000)).isZero();
    assertThat(Cents.of(15_000_000)).isEqualTo(2);
    assertThat(Cents.of(5_000_001)).isEqualTo(1);
    assertThat(Cents.of(-5_000_000)).isZero();
    assertThat(Cents.of(-15_000_000)).isEqualTo(-2);
    assertThat(Cents.usd(-205)).isEqualTo("-2.05");
  }

  @Test
  void led10LinesOfAnInvoiceAddUpToItsTotalToTheCent() {
    var random = new SplittableRandom(SEED);
    for (int round = 0; round < 200; round++) {
      var lines = new ArrayList<Long>();
      var count = 1 + random.nextInt(500);
      for (int i = 0; i < count; i++) {
        lines.add(random.nextLong(-3 * CENT, 100 * CENT));
      }

      var cents = Cents.shares(lines);

      var total = lines.stream().mapToLong(Long::longValue).sum();
      assertThat(cents.stream().mapToLong(Long::longValue).sum())
          .as("seed %d, round %d", SEED, round)
          .isEqualTo(Cents.of(total));
      for (int i = 0; i < count; i++) {
        assertThat(Math.abs(cents.get(i) * CENT - lines.get(i))).isLessThan(CENT);
      }
    }
  }

  @Test
  void anInvoiceWithoutLinesIsZero() {
    assertThat(Cents.shares(List.of())).isEmpty();
  }
}
