package io.penstock.simulator.behaviour;

import java.util.Locale;

/**
 * A model name as it was asked for, with the orders in it: {@code m+fault-503+latency-200ms}, or
 * only orders: {@code fault-503}.
 *
 * @param base the name before the first plus sign
 */
public record ModelName(String base, Orders orders) {
  /**
   * Takes a name apart.
   *
   * @throws IllegalArgumentException if an order in it is not understood; the message says which
   */
  public static ModelName parse(String asked) {
    int plus = asked.indexOf('+');
    var base = plus < 0 ? asked : asked.substring(0, plus);
    var orders = plus < 0 ? Orders.NONE : Orders.parse(asked.substring(plus + 1));
    return new ModelName(base, orders.or(ofBase(base)));
  }

  /** Whether the name exists only for its orders, so that no list of models need hold it. */
  public boolean magic() {
    return !ofBase(base).equals(Orders.NONE);
  }

  private static Orders ofBase(String base) {
    var name = base.toLowerCase(Locale.ROOT);
    if (name.startsWith("fault-")) {
      return Orders.parse(name);
    }
    return name.startsWith("sim-") && Fault.find(name.substring("sim-".length())).isPresent()
        ? Orders.parse(name)
        : Orders.NONE;
  }
}
