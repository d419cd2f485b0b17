package io.penstock.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SummaryTest {

  @Test
  void aLedgerIsBalancedWhenAllUsageIsInIt() {
    assertThat(summary(2, 2, 40, 40).balanced()).isTrue();
    assertThat(printed(summary(2, 2, 40, 40))).contains("2 entries").contains(": balanced");
  }

  @Test
  void aLedgerThatLacksAnEntryIsNot() {
    assertThat(summary(3, 2, 40, 40).balanced()).isFalse();
    assertThat(printed(summary(3, 2, 40, 40))).contains("NOT COMPLETE, 3 usage records to book");
  }

  @Test
  void norIsOneOfUnequalSides() {
    assertThat(summary(2, 2, 40, 30).balanced()).isFalse();
    assertThat(printed(summary(2, 2, 40, 30))).contains("NOT BALANCED");
  }

  private static Summary summary(long bookable, long entries, long debits, long credits) {
    return new Summary(
        2,
        2,
        0,
        1.5,
        new Books.Totals(2, 2, 2, 0, 0, 10, 5, 20, 20, 0, 0, bookable, entries, debits, credits),
        Map.of(),
        new Providers.Witness(2, 2, 0, 10, 5, new BigDecimal("0.00000002")));
  }

  private static String printed(Summary summary) {
    var bytes = new ByteArrayOutputStream();
    summary.print(new PrintWriter(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
