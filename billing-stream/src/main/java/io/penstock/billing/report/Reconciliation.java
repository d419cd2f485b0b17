package io.penstock.billing.report;

import io.penstock.schemas.TokenClass;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares a provider's bill with what we know of our calls, by day and model. Days are UTC; a call
 * counts on the day on which it ended, so a bill that counts by its start may differ at midnight.
 */
public final class Reconciliation {

  /**
   * Columns that a bill must have, in any order, besides others; of these, columns named as the
   * classes of tokens are compared too.
   */
  public static final List<String> COLUMNS =
      List.of("date", "model", "input_tokens", "output_tokens", "cost");

  private static final Comparator<Line> ORDER =
      Comparator.comparing(Line::day).thenComparing(Line::model);

  /** What is billed for a day and model; the provider's own name of the model. */
  public record Line(LocalDate day, String model) {}

  /**
   * What there was.
   *
   * @param tokensByClass of a bill, for the classes that it has a column for
   */
  public record Amounts(
      long inputTokens,
      long outputTokens,
      long costNanoUsd,
      SortedMap<String, Long> tokensByClass) {

    static final Amounts NONE = new Amounts(0, 0, 0, new TreeMap<>());

    /** The amounts of our calls. */
    public static Amounts of(RollUp sums) {
      return new Amounts(
          TokenClasses.input(sums.upstreamTokens()),
          TokenClasses.output(sums.upstreamTokens()),
          sums.costNanoUsd(),
          sums.upstreamTokens());
    }

    public Amounts plus(Amounts other) {
      return new Amounts(
          Math.addExact(inputTokens, other.inputTokens),
          Math.addExact(outputTokens, other.outputTokens),
          Math.addExact(costNanoUsd, other.costNanoUsd),
          TokenClasses.sum(tokensByClass, other.tokensByClass));
    }
  }

  /**
   * Something that differs by more than is tolerated.
   *
   * @param what {@code input_tokens}, {@code output_tokens}, {@code cost} (nano-USD) or a class of
   *     tokens
   */
  public record Difference(Line line, String what, long ours, long theirs) {}

  private Reconciliation() {}

  /**
   * Reads a bill.
   *
   * @throws IllegalArgumentException when it cannot be read; the message names the line
   */
  public static Map<Line, Amounts> bill(String csv) {
    var lines = Csv.parse(csv);
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("the bill is empty");
    }
    var header =
        lines.getFirst().stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
    if (!header.containsAll(COLUMNS)) {
      throw new IllegalArgumentException(
          "line 1: the bill must have the columns " + String.join(", ", COLUMNS));
    }
    var bill = new TreeMap<Line, Amounts>(ORDER);
    for (int i = 1; i < lines.size(); i++) {
      try {
        add(bill, header, lines.get(i));
      } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return bill;
  }

  private static void add(Map<Line, Amounts> bill, List<String> header, List<String> values) {
    if (values.size() != header.size()) {
      throw new IllegalArgumentException(
          "it has " + values.size() + " values, the header has " + header.size());
    }
    var cost =
        new BigDecimal(value(header, values, "cost"))
            .movePointRight(9)
            .setScale(0, RoundingMode.HALF_EVEN)
            .longValueExact();
    var byClass = new TreeMap<String, Long>();
    for (var each : TokenClass.ALL) {
      var name = each.wire();
      if (header.contains(name)) {
        byClass.put(name, Long.parseLong(value(header, values, name)));
      }
    }
    bill.merge(
        new Line(LocalDate.parse(value(header, values, "date")), value(header, values, "model")),
        new Amounts(
            Long.parseLong(value(header, values, "input_tokens")),
            Long.parseLong(value(header, values, "output_tokens")),
            cost,
            byClass),
        Amounts::plus);
  }

  private static String value(List<String> header, List<String> values, String name) {
    return values.get(header.indexOf(name)).strip();
  }

  /**
   * What differs, in order of days and models. What only one side has differs from nothing.
   *
   * @param tolerancePercent of the larger side, up to which a difference is none
   */
  public static List<Difference> differences(
      Map<Line, Amounts> ours, Map<Line, Amounts> theirs, BigDecimal tolerancePercent) {
    var lines = new TreeSet<>(ORDER);
    lines.addAll(ours.keySet());
    lines.addAll(theirs.keySet());
    var differences = new ArrayList<Difference>();
    var classes = new TreeSet<String>();
    theirs.values().forEach(amounts -> classes.addAll(amounts.tokensByClass().keySet()));
    for (var line : lines) {
      var our = ours.getOrDefault(line, Amounts.NONE);
      var their = theirs.getOrDefault(line, Amounts.NONE);
      var all = new ArrayList<Difference>();
      all.add(new Difference(line, "input_tokens", our.inputTokens(), their.inputTokens()));
      all.add(new Difference(line, "output_tokens", our.outputTokens(), their.outputTokens()));
      for (var name : classes) {
        all.add(
            new Difference(
                line,
                name,
                our.tokensByClass().getOrDefault(name, 0L),
                their.tokensByClass().getOrDefault(name, 0L)));
      }
      all.add(new Difference(line, "cost", our.costNanoUsd(), their.costNanoUsd()));
      all.stream().filter(each -> differs(each, tolerancePercent)).forEach(differences::add);
    }
    return differences;
  }

  private static boolean differs(Difference difference, BigDecimal tolerancePercent) {
    var delta = Math.absExact(Math.subtractExact(difference.ours(), difference.theirs()));
    var larger = Math.max(Math.absExact(difference.ours()), Math.absExact(difference.theirs()));
    return BigDecimal.valueOf(delta)
            .movePointRight(2)
            .compareTo(tolerancePercent.multiply(BigDecimal.valueOf(larger)))
        > 0;
  }
}
