package io.penstock.billing.report;

import java.util.Map;
import java.util.Set;

/**
 * Which sums a report takes in.
 *
 * @param values by dimension, any of which is taken; a dimension without values takes all
 */
public record Filter(Map<Dimension, Set<String>> values) {

  public static final Filter ALL = new Filter(Map.of());

  public Filter {
    values = Map.copyOf(values);
  }

  /** Whether a sum is taken in. */
  public boolean takes(RollUpKey.Bucket key) {
    return values.entrySet().stream()
        .allMatch(each -> each.getValue().contains(each.getKey().of(key)));
  }

  /** Whether a sum is taken in. */
  public boolean takes(RollUpKey.Labelled key) {
    return values.entrySet().stream()
        .allMatch(each -> each.getValue().contains(each.getKey().of(key)));
  }
}
