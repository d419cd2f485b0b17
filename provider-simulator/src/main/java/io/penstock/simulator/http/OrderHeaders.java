package io.penstock.simulator.http;

import io.helidon.webserver.http.ServerRequest;
import io.penstock.simulator.behaviour.FaultOrder;
import io.penstock.simulator.behaviour.Orders;
import io.penstock.simulator.behaviour.Trait;
import java.util.EnumSet;

/** Orders that come with a call. */
final class OrderHeaders {
  private OrderHeaders() {}

  /**
   * {@code x-sim-fault: cut-after-3} with {@code x-sim-fault-times: 2}, {@code x-sim-answer:
   * different,reasoning} and {@code x-sim-orders: fault-503+latency-2s}.
   *
   * @throws IllegalArgumentException if one is not understood; the message says which
   */
  static Orders read(ServerRequest request) {
    var headers = request.headers();
    var orders = Orders.NONE;
    var fault = headers.first(Names.FAULT);
    if (fault.isPresent()) {
      var order = FaultOrder.parse(fault.get());
      orders =
          Orders.of(
              HeaderNumbers.of(request, Names.FAULT_TIMES).map(order::withTimes).orElse(order));
    }
    var answer = headers.first(Names.ANSWER);
    if (answer.isPresent()) {
      var traits = EnumSet.noneOf(Trait.class);
      for (var name : answer.get().split(",", -1)) {
        traits.add(
            Trait.find(name.strip())
                .orElseThrow(
                    () -> new IllegalArgumentException("unknown kind of answer '" + name + "'")));
      }
      orders = orders.withTraits(traits);
    }
    var all = headers.first(Names.ORDERS);
    return all.isPresent() ? orders.or(Orders.parse(all.get())) : orders;
  }
}
