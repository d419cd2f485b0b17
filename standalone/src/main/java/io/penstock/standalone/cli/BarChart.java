package io.penstock.standalone.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** A bar for an amount, for a terminal; plain ASCII where the output is no terminal. */
final class BarChart {

  private static final int WIDTH = 30;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  private BarChart() {}

  /**
   * The bar of an amount; less than zero has none.
   *
   * @param most has the longest bar
   */
  static String bar(BigDecimal amount, BigDecimal most, boolean terminal) {
    if (amount.signum() <= 0 || most.signum() <= 0) {
      return "";
    }
    var eighths =
        amount
            .multiply(BigDecimal.valueOf(WIDTH * 8L))
            .divide(most, 0, RoundingMode.HALF_UP)
            .intValueExact();
    if (!terminal) {
      return "#".repeat(Math.max(1, eighths / 8));
    }
    var rest = eighths % 8 == 0 ? "" : String.valueOf(EIGHTHS.charAt(eighths % 8));
    return "█".repeat(eighths / 8) + (eighths == 0 ? "▏" : rest);
  }
}
