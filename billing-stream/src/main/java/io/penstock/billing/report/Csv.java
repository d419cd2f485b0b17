package io.penstock.billing.report;

import java.util.ArrayList;
import java.util.List;

/** Comma-separated values as in RFC 4180. */
public final class Csv {

  private static final String FORMULA = "=+-@\t\r";

  private Csv() {}

  /**
   * A line with its end. A text that a spreadsheet would run as a formula gets an apostrophe before
   * it (CWE-1236); numbers stay as they are.
   */
  public static String line(List<String> values) {
    var line = new StringBuilder();
    for (var value : values) {
      if (!line.isEmpty()) {
        line.append(',');
      }
      line.append(quoted(harmless(value)));
    }
    // a line of one empty value would vanish
    return (line.isEmpty() ? "\"\"" : line.toString()) + "\r\n";
  }

  private static String harmless(String value) {
    if (value.isEmpty()
        || FORMULA.indexOf(value.charAt(0)) < 0
        || value.matches("-?[0-9]+(\\.[0-9]+)?")) {
      return value;
    }
    return "'" + value;
  }

  private static String quoted(String value) {
    return value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
        ? value
        : '"' + value.replace("\"", "\"\"") + '"';
  }

  /**
   * The lines of a text; empty lines are left out.
   *
   * @throws IllegalArgumentException when a quotation mark is not closed
   */
  public static List<List<String>> parse(String text) {
    var lines = new ArrayList<List<String>>();
    var line = new ArrayList<String>();
    var value = new StringBuilder();
    var quoted = false;
    for (int i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (quoted) {
        if (c != '"') {
          value.append(c);
        } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
          value.append('"');
          i++;
        } else {
          quoted = false;
        }
        continue;
      }
      switch (c) {
        case '"' -> quoted = true;
        case ',' -> {
          line.add(value.toString());
          value.setLength(0);
        }
        case '\n' -> {
          end(lines, line, value);
          line = new ArrayList<>();
        }
        case '\r', '\uFEFF' -> {
          // half of a line's end, or the mark that spreadsheets put at the beginning
        }
        default -> value.append(c);
      }
    }
    if (quoted) {
      throw new IllegalArgumentException("a quotation mark is not closed");
    }
    end(lines, line, value);
    return lines;
  }

  private static void end(List<List<String>> lines, List<String> line, StringBuilder value) {
    if (!line.isEmpty() || !value.isEmpty()) {
      line.add(value.toString());
      lines.add(List.copyOf(line));
    }
    value.setLength(0);
  }
}
