package io.penstock.billing.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.money.Money;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Many lines at random prices: what rounding costs, and whether invoices add up. */
final class InvoicePropertyTest {

  private static final long SEED = 20260310;
  private static final int LINES = 1_000_000;
  private static final YearMonth MARCH = YearMonth.of(2026, 3);
  private static final List<String> CLASSES =
      List.of("input_uncached", "input_cache_read", "output_text");

  @Test
  void led10AMillionLinesAreHalfANanoOffEachAtMostAndAddUpToTheInvoiceToTheCent() {
    var random = new SplittableRandom(SEED);
    var charges = new HashMap<ChargeKey, ChargeSums>();
    var exact = BigDecimal.ZERO;
    var rounded = 0L;
    for (int i = 0; i < LINES; i++) {
      var price = BigDecimal.valueOf(random.nextLong(1_000_000_000L), random.nextInt(13));
      var quantity = random.nextLong(10_000);
      var amount = Money.priceOf(quantity, price.min(BigDecimal.valueOf(100))).nanoUsd();
      exact =
          exact.add(
              price
                  .min(BigDecimal.valueOf(100))
                  .multiply(BigDecimal.valueOf(quantity))
                  .movePointRight(3));
      rounded += amount;
      charges.merge(key(random), new ChargeSums(quantity, amount, 1), ChargeSums::plus);
    }

    var invoice =
        Invoice.of(
            "acme",
            "Acme",
            MARCH,
            Invoice.Status.FINAL,
            new ChargeSums(LINES, rounded, LINES),
            charges,
            new TreeMap<>(Map.of("gift", new ChargeSums(1, rounded / 3, 0))));

    assertThat(exact.subtract(BigDecimal.valueOf(rounded)).abs())
        .as("seed %d", SEED)
        .isLessThanOrEqualTo(BigDecimal.valueOf(LINES).divide(BigDecimal.TWO));
    assertThat(invoice.totalNanoUsd()).isEqualTo(rounded);
    assertThat(invoice.lines().stream().mapToLong(Invoice.Line::cents).sum())
        .isEqualTo(invoice.totalCents());
    assertThat(invoice.lines().stream().mapToLong(Invoice.Line::amountNanoUsd).sum())
        .isEqualTo(rounded);
    assertThat(invoice.payableCents()).isEqualTo(Cents.of(rounded - rounded / 3));
    assertThat(invoice.totalCents() - invoice.creditCents()).isEqualTo(invoice.payableCents());
  }

  private static ChargeKey key(SplittableRandom random) {
    return new ChargeKey(
        "acme",
        MARCH,
        random.nextInt(50) == 0 ? "2026-02" : "",
        LocalDate.of(2026, 3, 1 + random.nextInt(31)),
        "",
        "team-" + random.nextInt(3),
        "key-1",
        "model-" + random.nextInt(20),
        "azure",
        CLASSES.get(random.nextInt(CLASSES.size())),
        "price-" + random.nextInt(3),
        1,
        "0.15");
  }
}
