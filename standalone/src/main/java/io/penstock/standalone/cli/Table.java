package io.penstock.standalone.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A table for a terminal: texts to the left, numbers to the right, amounts exact and with their
 * points below each other, a bar at the end of each line. Used once, by one thread.
 */
final class Table {

  private static final String GAP = "  ";
  private static final int TEXT_MAX = 44;
  private static final int CENTS = 2;

  /** What a column holds. */
  enum Kind {
    TEXT,
    COUNT,
    AMOUNT
  }

  private record Line(List<Object> cells, BigDecimal bar) {}

  private final List<String> headers = new ArrayList<>();
  private final List<Kind> kinds = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();
  private final List<Line> totals = new ArrayList<>();

  Table column(String header, Kind kind) {
    headers.add(header);
    kinds.add(kind);
    return this;
  }

  /**
   * A line with a bar.
   *
   * @param bar sets its length; nothing or less has none
   * @param cells one for each column: a text, a {@code Long}, a {@link BigDecimal}; an empty text
   *     leaves any cell empty
   */
  void line(BigDecimal bar, Object... cells) {
    lines.add(new Line(List.of(cells), bar));
  }

  /** A line below all others, apart from them. */
  void total(Object... cells) {
    totals.add(new Line(List.of(cells), BigDecimal.ZERO));
  }

  void print(PrintWriter out, boolean terminal) {
    var all = new ArrayList<>(lines);
    all.addAll(totals);
    var columns = new ArrayList<List<String>>();
    for (int column = 0; column < headers.size(); column++) {
      columns.add(column(column, all));
    }
    print(out, columns, 0, "");
    var width = columns.stream().mapToInt(column -> column.getFirst().length()).sum();
    var rule = (terminal ? "─" : "-").repeat(width + GAP.length() * (columns.size() - 1));
    out.println(rule);
    var most = lines.stream().map(Line::bar).max(BigDecimal::compareTo).orElse(BigDecimal.ZERO);
    for (int i = 0; i < all.size(); i++) {
      if (i == lines.size()) {
        out.println(rule);
      }
      print(out, columns, i + 1, BarChart.bar(all.get(i).bar(), most, terminal));
    }
  }

  private static void print(PrintWriter out, List<List<String>> columns, int line, String bar) {
    var cells = columns.stream().map(column -> column.get(line)).toList();
    out.println((String.join(GAP, cells) + GAP + bar).stripTrailing());
  }

  /** The cells of a column, its header first, all of one width. */
  private List<String> column(int column, List<Line> all) {
    var scale = CENTS;
    for (var line : all) {
      if (line.cells().get(column) instanceof BigDecimal amount) {
        scale = Math.max(scale, amount.stripTrailingZeros().scale());
      }
    }
    var texts = new ArrayList<String>();
    texts.add(headers.get(column));
    for (var line : all) {
      texts.add(text(line.cells().get(column), scale));
    }
    var width = texts.stream().mapToInt(String::length).max().orElse(1);
    var left = kinds.get(column) == Kind.TEXT;
    return texts.stream()
        .map(text -> String.format(Locale.ROOT, "%" + (left ? "-" : "") + width + "s", text))
        .toList();
  }

  private static String text(Object cell, int scale) {
    return switch (cell) {
      case BigDecimal amount -> String.format(Locale.ROOT, "%,." + scale + "f", amount);
      case Long count -> String.format(Locale.ROOT, "%,d", count);
      default -> shortened(cell.toString());
    };
  }

  /** What tells long names apart is mostly at their end. */
  private static String shortened(String text) {
    return text.length() <= TEXT_MAX
        ? text
        : text.substring(0, TEXT_MAX / 2 - 1) + "…" + text.substring(text.length() - TEXT_MAX / 2);
  }
}
