package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.limit.RateLimits;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What can be ordered while the simulator runs, and what it says of it. */
class ControlTest {
  private final AtomicLong nanos = new AtomicLong(1_000_000_000L);
  private final Simulator simulator =
      Simulator.start(
          SimulatorConfig.standard()
              .admitting(
                  old ->
                      old.withKeys(List.of(new ApiKey("key-a"), new ApiKey("key-b")))
                          .withLimits(RateLimits.unlimited().withRequests(60))),
          "127.0.0.1",
          0,
          nanos::get);
  private final SimulatorClient client = new SimulatorClient(simulator);

  @AfterEach
  void stop() {
    client.close();
    simulator.close();
  }

  @Test
  void aModelIsDownForSomeTimeAndRecovers() throws IOException {
    var ordered =
        client.post("/sim/orders", "{\"model\":\"m\",\"orders\":\"fault-503\",\"for\":\"60s\"}");

    assertThat(ordered.body()).isEqualTo("{\"m\":\"fault-http503\"}");
    assertThat(status("m", "key-a")).isEqualTo(503);
    assertThat(status("m+latency-1ms", "key-b")).isEqualTo(503);
    nanos.addAndGet(1_000_000_000L);
    assertThat(status("other", "key-a")).isEqualTo(200);
    nanos.addAndGet(60_000_000_000L);
    assertThat(status("m", "key-a")).isEqualTo(200);
    assertThat(client.getJson("/sim/orders")).isEmpty();
  }

  @Test
  void ordersHoldUntilTheyAreTakenBack() throws IOException {
    client.post("/sim/orders", "{\"orders\":\"fault-500\"}");
    assertThat(status("any", "key-a")).isEqualTo(500);

    client.post("/sim/orders", "{\"orders\":null}");

    assertThat(status("any", "key-b")).isEqualTo(200);
    client.post("/sim/orders", "{\"model\":\"x\",\"orders\":\"fault-500\"}");
    assertThat(client.delete("/sim/orders").body()).isEqualTo("{}");
  }

  @Test
  void whatIsNoOrderIsRefusedWithTheReason() throws IOException {
    assertThat(client.post("/sim/orders", "{\"orders\":\"flood\"}").body())
        .contains("unknown order 'flood'");
    assertThat(client.post("/sim/orders", "{\"fault\":\"503\"}").body())
        .contains("unknown member 'fault'");
    assertThat(client.post("/sim/orders", "no").statusCode()).isEqualTo(400);
    var misspelt = client.postChat(chat("m+fault-flood", "hello"), "authorization", "Bearer key-a");
    assertThat(misspelt.statusCode()).isEqualTo(400);
    assertThat(misspelt.body()).contains("unknown fault 'flood'");
  }

  @Test
  void everyKeyHasLimitsOfItsOwn() throws IOException {
    assertThat(status("m", "key-a")).isEqualTo(200);
    assertThat(status("m", "key-a")).isEqualTo(429);
    assertThat(status("m", "key-b")).isEqualTo(200);
    assertThat(status("m", "key-c")).isEqualTo(401);

    var byKey = client.getJson("/sim/summary").get("by_key");

    assertThat(byKey.at("/key-1/refused_429").asInt()).isEqualTo(1);
    assertThat(byKey.at("/key-1/served").asInt()).isEqualTo(1);
    assertThat(byKey.at("/key-2/refused_429").asInt(-1)).isZero();
    assertThat(byKey.at("/none/calls").asInt()).isEqualTo(1);
    assertThat(client.get("/sim/calls").body())
        .contains("\"dialect\":\"openai-chat\",\"key\":\"key-2\"")
        .doesNotContain("key-a");
  }

  @Test
  void theLimitsOfOneKeyCanBeChangedAndHidden() throws IOException {
    client.post("/sim/limits", "{\"rpm\":null,\"key\":1}");
    client.post("/sim/limits", "{\"rpm\":60,\"headers\":\"hidden\",\"key\":2}");

    assertThat(status("m", "key-a")).isEqualTo(200);
    assertThat(status("m", "key-a")).isEqualTo(200);
    var hidden = client.postChat(chat("m", "hello"), "authorization", "Bearer key-b");
    assertThat(hidden.headers().firstValue("x-ratelimit-limit-requests")).isEmpty();
    assertThat(status("m", "key-b")).isEqualTo(429);
    assertThat(client.post("/sim/limits", "{\"rpm\":9,\"key\":3}").body())
        .contains("there is no key 3");
  }

  @Test
  void aModelFailsForTheFirstCallsOfEachRequest() throws IOException {
    client.post("/sim/limits", "{\"rpm\":null}");
    for (var request : List.of("r1", "r2")) {
      for (int status : new int[] {503, 503, 200}) {
        var response =
            client.postChat(
                chat("m+fault-503-times-2", "hello"),
                "authorization",
                "Bearer key-a",
                "x-penstock-request-id",
                request);

        assertThat(response.statusCode()).isEqualTo(status);
      }
    }
  }

  @Test
  void headersOrderWhatModelNamesOrder() throws IOException {
    client.post("/sim/limits", "{\"rpm\":null}");

    var ordered =
        client.postChat(
            chat("m", "hello"),
            "authorization",
            "Bearer key-a",
            "x-sim-orders",
            "tokens-3+reasoning");

    assertThat(json(ordered).at("/usage/completion_tokens").asInt()).isEqualTo(15);
  }

  private int status(String model, String key) throws IOException {
    return client.postChat(chat(model, "hello"), "authorization", "Bearer " + key).statusCode();
  }
}
