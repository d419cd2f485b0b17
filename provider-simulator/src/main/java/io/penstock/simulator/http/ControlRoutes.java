package io.penstock.simulator.http;

import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;
import java.util.Optional;

/** The control surface: reads the call log and steers the simulator. Safe for concurrent use. */
public final class ControlRoutes {
  private static final int PAGE_DEFAULT = 1_000;
  private static final int PAGE_MAX = 100_000;

  private final Control control;

  private ControlRoutes(Control control) {
    this.control = control;
  }

  /** Adds the routes under {@code /sim}, without revival. */
  public static void addTo(HttpRouting.Builder routing, Control control, Connections connections) {
    var routes = new ControlRoutes(control);
    routing
        .get("/sim/summary", (_, response) -> routes.summary(response))
        .get("/sim/calls", routes::calls)
        .get("/sim/calls/{+id}", routes::callsOf)
        .post("/sim/reset", (_, response) -> routes.reset(response))
        .get("/sim/limits", (_, response) -> routes.limits(response))
        .post("/sim/limits", routes::changeLimits)
        .get("/sim/orders", (_, response) -> routes.orders(response))
        .post("/sim/orders", routes::order)
        .delete("/sim/orders", (_, response) -> routes.takeBackOrders(response))
        .post("/sim/die", (request, response) -> routes.die(request, response, connections));
  }

  /** Adds the route that brings a dead simulator back; of use only where it can be heard. */
  public static void addRevivalTo(HttpRouting.Builder routing, Control control) {
    routing.post(
        "/sim/revive",
        (_, response) -> {
          control.revive();
          send(response, CallsJson.status("alive"));
        });
  }

  private void summary(ServerResponse response) {
    send(response, CallsJson.summary(control.log().summary()));
  }

  private void calls(ServerRequest request, ServerResponse response) {
    var offset = number(request, "offset", 0);
    var limit = number(request, "limit", PAGE_DEFAULT);
    if (offset.isEmpty() || limit.isEmpty()) {
      send(response, Problem.valueWrong("offset or limit", "a number from 0"));
      return;
    }
    var page = control.log().calls(offset.get(), Math.min(limit.get(), PAGE_MAX));
    var lines = CallsJson.lines(page);
    response.header(Names.JSON_LINES);
    response.send(lines.array(), 0, lines.length());
  }

  private void callsOf(ServerRequest request, ServerResponse response) {
    var id = request.path().pathParameters().get("id");
    var calls = control.log().callsOf(id);
    if (calls.isEmpty()) {
      send(response, Problem.pathUnknown("GET", request.path().path()));
      return;
    }
    send(response, CallsJson.request(id, calls));
  }

  private void reset(ServerResponse response) {
    control.log().reset();
    send(response, CallsJson.status("reset"));
  }

  private void limits(ServerResponse response) {
    send(response, CallsJson.limits(control.limits()));
  }

  private void changeLimits(ServerRequest request, ServerResponse response) throws IOException {
    var body = Exchange.readBody(request);
    try {
      var change = LimitsReader.change(control.limits(), body);
      if (change.key().isPresent()) {
        control.changeLimits(change.key().getAsInt(), change.limits());
        send(response, CallsJson.limits(change.limits()));
        return;
      }
      control.changeLimits(change.limits());
    } catch (IllegalArgumentException wrong) {
      send(response, new Problem(400, String.valueOf(wrong.getMessage()), null, null, null));
      return;
    }
    limits(response);
  }

  private void orders(ServerResponse response) {
    send(response, CallsJson.orders(control.orders()));
  }

  private void takeBackOrders(ServerResponse response) {
    control.takeBackOrders();
    orders(response);
  }

  private void order(ServerRequest request, ServerResponse response) throws IOException {
    try {
      OrderReader.read(Exchange.readBody(request)).giveTo(control);
    } catch (IllegalArgumentException wrong) {
      send(response, new Problem(400, String.valueOf(wrong.getMessage()), null, null, null));
      return;
    }
    orders(response);
  }

  private void die(ServerRequest request, ServerResponse response, Connections connections) {
    // The answer to this call is the last to go out: its connection is left out of the reset.
    connections.spare(request.remotePeer().address());
    response.header(HeaderValues.CONNECTION_CLOSE);
    send(response, CallsJson.status("dying"));
    // Not on this thread, which the death would have to wait for.
    Thread.ofVirtual().name("simulator-death").start(control::die);
  }

  private static Optional<Integer> number(ServerRequest request, String name, int otherwise) {
    var sent = request.query().first(name);
    if (sent.isEmpty()) {
      return Optional.of(otherwise);
    }
    var text = sent.get();
    return text.length() <= 9 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Optional.of(Integer.parseInt(text))
        : Optional.empty();
  }

  private static void send(ServerResponse response, Problem error) {
    response.status(error.status());
    send(response, error.body());
  }

  private static void send(ServerResponse response, JsonBytes body) {
    response.header(Names.JSON);
    response.send(body.array(), 0, body.length());
  }
}
