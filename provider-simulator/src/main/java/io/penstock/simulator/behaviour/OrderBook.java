package io.penstock.simulator.behaviour;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Orders given while the simulator runs, by model: from now on, for some time or until they are
 * taken back. Safe for concurrent use.
 */
public final class OrderBook {
  /** Stands for every model that has no orders of its own. */
  public static final String EVERY_MODEL = "*";

  private final Map<String, Placed> placed = new ConcurrentHashMap<>();

  private record Placed(Orders orders, long untilNanos, Optional<Duration> time) {
    boolean over(long nowNanos) {
      return time.isPresent() && nowNanos - untilNanos >= 0;
    }
  }

  /**
   * Gives orders, in place of the former ones for the same model.
   *
   * @param model without orders of its own in it, or {@link #EVERY_MODEL}
   * @param time how long they hold; empty means until they are taken back
   */
  public void place(String model, Orders orders, Optional<Duration> time, long nowNanos) {
    placed.put(model, new Placed(orders, nowNanos + time.map(Duration::toNanos).orElse(0L), time));
  }

  /** Takes back the orders for a model. */
  public void remove(String model) {
    placed.remove(model);
  }

  /** Takes back all orders. */
  public void clear() {
    placed.clear();
  }

  /** The orders for a model now. */
  public Orders of(String model, long nowNanos) {
    if (placed.isEmpty()) {
      return Orders.NONE;
    }
    var own = find(model, nowNanos);
    return own.isPresent() ? own.get() : find(EVERY_MODEL, nowNanos).orElse(Orders.NONE);
  }

  /** All orders that hold now, by model. */
  public Map<String, Orders> all(long nowNanos) {
    var all = new TreeMap<String, Orders>();
    placed.forEach(
        (model, order) -> {
          if (!order.over(nowNanos)) {
            all.put(model, order.orders());
          }
        });
    return all;
  }

  private Optional<Orders> find(String model, long nowNanos) {
    return Optional.ofNullable(placed.get(model))
        .filter(order -> !order.over(nowNanos))
        .map(Placed::orders);
  }
}
