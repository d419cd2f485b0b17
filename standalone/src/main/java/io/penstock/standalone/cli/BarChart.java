package io.penstock.standalone.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/** A bar for each of some amounts, for a terminal; plain ASCII where the output is no terminal. */
final class BarChart {

  private static final int WIDTH = 30;
  private static final int NAME_MAX = 40;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  /**
   * One line.
   *
   * @param amount sets the length of the bar; less than zero has none
   * @param note printed between the name and the bar
   */
  record Bar(String name, BigDecimal amount, String note) {}

  private BarChart() {}

  static void print(PrintWriter out, List<Bar> bars, boolean terminal) {
    var most = bars.stream().map(Bar::amount).max(BigDecimal::compareTo).orElse(BigDecimal.ZERO);
    var names =
        Math.min(NAME_MAX, bars.stream().mapToInt(bar -> bar.name().length()).max().orElse(1));
    var notes = bars.stream().mapToInt(bar -> bar.note().length()).max().orElse(1);
    for (var bar : bars) {
      out.println(
          String.format(
                  Locale.ROOT,
                  "%-" + names + "s  %" + Math.max(1, notes) + "s  %s",
                  shortened(bar.name()),
                  bar.note(),
                  bar(bar.amount(), most, terminal))
              .stripTrailing());
    }
  }

  private static String shortened(String name) {
    return name.length() <= NAME_MAX ? name : name.substring(0, NAME_MAX - 1) + "…";
  }

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
