package io.penstock.simulator.http;

import io.penstock.simulator.behaviour.DurationText;
import io.penstock.simulator.behaviour.OrderBook;
import io.penstock.simulator.behaviour.Orders;
import io.penstock.simulator.json.JsonTree;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads {@code {"model":"m","orders":"fault-503","for":"60s"}}: without a model the order is for
 * all, without a time it holds until it is taken back, and orders that are absent, null or empty
 * take back what was ordered.
 */
final class OrderReader {
  private OrderReader() {}

  /** What is asked for. */
  record Order(String model, Orders orders, Optional<Duration> time) {
    void giveTo(Control control) {
      if (orders.equals(Orders.NONE)) {
        control.takeBackOrders(model);
      } else {
        control.order(model, orders, time);
      }
    }
  }

  /**
   * The order in a body.
   *
   * @throws IllegalArgumentException if the body asks for anything else; the message says why
   */
  static Order read(byte[] body) {
    var json =
        JsonTree.object(body)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "expected an object such as"
                            + " {\"model\":\"m\",\"orders\":\"fault-503\",\"for\":\"60s\"}"));
    json.fieldNames()
        .forEachRemaining(
            name -> {
              if (!name.equals("model") && !name.equals("orders") && !name.equals("for")) {
                throw new IllegalArgumentException("unknown member '" + name + "'");
              }
            });
    var orders = json.path("orders").asText("");
    var time = json.path("for").asText("");
    return new Order(
        json.path("model").asText(OrderBook.EVERY_MODEL),
        orders.isEmpty() || orders.equals("null") ? Orders.NONE : Orders.parse(orders),
        time.isEmpty() ? Optional.empty() : Optional.of(DurationText.parse(time)));
  }
}
