package io.penstock.billing.report;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Adds sums up along fewer dimensions. Not thread-safe; one for each report. */
public final class Grouping {

  private static final Comparator<List<String>> BY_VALUES =
      (left, right) -> {
        for (int i = 0; i < left.size(); i++) {
          var order = left.get(i).compareTo(right.get(i));
          if (order != 0) {
            return order;
          }
        }
        return 0;
      };

  /** One line of the report: values in the order of the dimensions. */
  public record Row(List<String> values, RollUp sums) {}

  private final List<Dimension> dimensions;
  private final Map<List<String>, RollUp> rows = new HashMap<>();

  /**
   * @param dimensions in the order of the report; none gives one row
   */
  public Grouping(List<Dimension> dimensions) {
    this.dimensions = List.copyOf(dimensions);
  }

  /** Takes one sum in. */
  public void add(RollUpKey.Bucket key, RollUp sums) {
    add(dimensions.stream().map(dimension -> dimension.of(key)).toList(), sums);
  }

  /** Takes one sum in. */
  public void add(RollUpKey.Labelled key, RollUp sums) {
    add(dimensions.stream().map(dimension -> dimension.of(key)).toList(), sums);
  }

  private void add(List<String> values, RollUp sums) {
    rows.merge(values, sums, RollUp::plus);
  }

  /** Number of rows so far. */
  public int size() {
    return rows.size();
  }

  /** The report, sorted by its values. */
  public List<Row> rows() {
    return rows.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(BY_VALUES))
        .map(entry -> new Row(entry.getKey(), entry.getValue()))
        .toList();
  }
}
