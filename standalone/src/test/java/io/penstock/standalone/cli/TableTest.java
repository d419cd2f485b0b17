package io.penstock.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.standalone.cli.Table.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

final class TableTest {

  private static String printed(Table table, boolean terminal) {
    var text = new StringWriter();
    try (var out = new PrintWriter(text)) {
      table.print(out, terminal);
    }
    return text.toString().replace("\r\n", "\n");
  }

  private static Table table() {
    var table =
        new Table()
            .column("model", Kind.TEXT)
            .column("requests", Kind.COUNT)
            .column("USD", Kind.AMOUNT);
    table.line(new BigDecimal("1200.5"), "large", 1_234L, new BigDecimal("1200.5"));
    table.line(
        new BigDecimal("0.000000125"),
        "a name that is much longer than any column of a terminal should be",
        1L,
        new BigDecimal("0.000000125"));
    table.line(new BigDecimal("-1"), "correction", "", new BigDecimal("-1"));
    table.total("total", 1_235L, new BigDecimal("1199.500000125"));
    return table;
  }

  @Test
  void pointsStandBelowEachOtherAndNothingIsRounded() {
    assertThat(printed(table(), false))
        .isEqualTo(
            """
            model                                         requests              USD
            -----------------------------------------------------------------------
            large                                            1,234  1,200.500000000  ##############################
            a name that is much l…f a terminal should be         1      0.000000125  #
            correction                                                 -1.000000000
            -----------------------------------------------------------------------
            total                                            1,235  1,199.500000125
            """);
  }

  @Test
  void aTerminalGetsLinesAndBarsInEighths() {
    assertThat(printed(table(), true)).contains("─", "█", "▏").doesNotContain("#", "---");
  }
}
