package io.penstock.billing.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.billing.report.Reconciliation.Amounts;
import io.penstock.billing.report.Reconciliation.Difference;
import io.penstock.billing.report.Reconciliation.Line;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Bills with one error planted in them. */
final class ReconciliationTest {

  private static final BigDecimal HALF_A_PERCENT = new BigDecimal("0.5");
  private static final List<String> CLASSES =
      List.of("input_uncached", "input_cache_read", "output_text", "output_reasoning");

  private final SplittableRandom random = new SplittableRandom(15);

  @Test
  void led15AnErrorOfOnePercentInOneClassIsFoundAtItsDayModelAndClassAndNowhereElse() {
    for (int round = 0; round < 200; round++) {
      var ours = month();
      var lines = List.copyOf(ours.keySet());
      var wrong = lines.get(random.nextInt(lines.size()));
      var name = CLASSES.get(random.nextInt(CLASSES.size()));
      var factor = random.nextBoolean() ? 101 : 99;

      var theirs = Reconciliation.bill(bill(ours, wrong, name, factor));
      var differences = Reconciliation.differences(ours, theirs, HALF_A_PERCENT);

      assertThat(differences).as("round %d", round).extracting(Difference::what).contains(name);
      assertThat(differences)
          .as("round %d", round)
          .allSatisfy(
              difference -> {
                assertThat(difference.line()).isEqualTo(wrong);
                assertThat(difference.what()).isIn(name, total(name));
              });
    }
  }

  @Test
  void led15ABillWithoutAnErrorAgrees() {
    var ours = month();
    var right = bill(ours, ours.keySet().iterator().next(), "output_text", 100);

    assertThat(Reconciliation.differences(ours, Reconciliation.bill(right), BigDecimal.ZERO))
        .isEmpty();
  }

  private Map<Line, Amounts> month() {
    var month = new HashMap<Line, Amounts>();
    for (int day = 1; day <= 28; day++) {
      for (var model : List.of("small-2", "large-1", "embed")) {
        var tokens = new TreeMap<String, Long>();
        CLASSES.forEach(name -> tokens.put(name, 1_000 + random.nextLong(1_000_000)));
        month.put(
            new Line(LocalDate.of(2026, 2, day), model),
            new Amounts(
                TokenClasses.input(tokens),
                TokenClasses.output(tokens),
                random.nextLong(1_000_000_000_000L),
                tokens));
      }
    }
    return month;
  }

  /** What a provider says that it was, with one class at a percentage of what it is. */
  private static String bill(Map<Line, Amounts> ours, Line wrong, String name, int percent) {
    var csv =
        new StringBuilder("model,date,input_tokens,output_tokens,cost,")
            .append(String.join(",", CLASSES))
            .append("\n");
    ours.forEach(
        (line, amounts) -> {
          var tokens = new TreeMap<>(amounts.tokensByClass());
          if (line.equals(wrong)) {
            tokens.computeIfPresent(name, (_, count) -> count * percent / 100);
          }
          csv.append(line.model())
              .append(',')
              .append(line.day())
              .append(',')
              .append(TokenClasses.input(tokens))
              .append(',')
              .append(TokenClasses.output(tokens))
              .append(',')
              .append(BigDecimal.valueOf(amounts.costNanoUsd(), 9).toPlainString());
          CLASSES.forEach(each -> csv.append(',').append(tokens.get(each)));
          csv.append("\n");
        });
    return csv.toString();
  }

  private static String total(String name) {
    return name.startsWith("input") ? "input_tokens" : "output_tokens";
  }
}
