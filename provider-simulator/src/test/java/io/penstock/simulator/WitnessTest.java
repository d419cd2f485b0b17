package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static io.penstock.simulator.SimulatorClient.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.calls.Call;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WitnessTest {
  private final Simulator simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
  private final SimulatorClient client = new SimulatorClient(simulator);

  @AfterEach
  void stop() {
    client.close();
    simulator.close();
  }

  @Test
  void whatAClientHasSeenIsInTheSummary() throws IOException {
    long input = 0;
    long output = 0;
    for (int n = 0; n < 20; n++) {
      var usage = json(client.postChat(chat("m" + n % 2, "hello " + n), "x-request-id", "r" + n));
      input += usage.at("/usage/prompt_tokens").asLong();
      output += usage.at("/usage/completion_tokens").asLong();

      assertThat(client.getJson("/sim/summary").get("served").asInt()).isEqualTo(n + 1);
    }
    client.postChat(chat("m0", "hello 0"), "x-request-id", "r0");
    client.postChat(chat("sim-500", "hello"), "x-request-id", "r1");

    var summary = client.getJson("/sim/summary");

    assertThat(summary.get("calls").asInt()).isEqualTo(22);
    assertThat(summary.get("served").asInt()).isEqualTo(21);
    assertThat(summary.at("/by_status/200").asInt()).isEqualTo(21);
    assertThat(summary.at("/by_status/500").asInt()).isEqualTo(1);
    assertThat(summary.at("/by_fault/none").asInt()).isEqualTo(21);
    assertThat(summary.at("/by_fault/http500").asInt()).isEqualTo(1);
    assertThat(summary.at("/by_model/m0/served").asInt()).isEqualTo(11);
    assertThat(summary.at("/by_model/sim-500/served").asInt(-1)).isZero();
    assertThat(summary.get("request_ids").asInt()).isEqualTo(20);
    assertThat(summary.get("duplicate_calls").asInt()).isEqualTo(1);
    assertThat(summary.get("repeated_calls").asInt()).isEqualTo(2);
    assertThat(summary.get("in_flight").asInt()).isZero();
    assertThat(summary.get("max_in_flight").asInt()).isEqualTo(1);
    assertThat(summary.get("calls_not_kept").asInt()).isZero();
    assertThat(
            summary.at("/by_model/m1/input_tokens").asLong()
                + summary.at("/by_model/m0/input_tokens").asLong())
        .isEqualTo(summary.get("input_tokens").asLong())
        .isGreaterThan(input);
    assertThat(summary.get("output_tokens").asLong()).isGreaterThan(output);
  }

  @Test
  void callsAreListedInPagesAndByRequest() throws IOException {
    for (int n = 0; n < 5; n++) {
      client.postChat(
          chat("m", "hello"), "x-penstock-request-id", "a/b " + n % 2, "x-penstock-attempt", "7");
    }

    var lines = client.get("/sim/calls?limit=2&offset=3").body().lines().toList();
    var request = client.getJson("/sim/calls/a%2Fb%201");

    assertThat(lines).hasSize(2);
    var call = SimulatorClient.json(lines.getFirst());
    assertThat(call.get("number").asInt()).isEqualTo(3);
    assertThat(call.get("request_id").asText()).isEqualTo("a/b 1");
    assertThat(call.get("attempt").asInt()).isEqualTo(7);
    assertThat(call.get("served").asBoolean()).isTrue();
    assertThat(call.get("started_ms").asLong())
        .isCloseTo(System.currentTimeMillis(), within(60_000L));
    assertThat(request.get("served").asInt()).isEqualTo(2);
    assertThat(request.get("calls")).hasSize(2);
    assertThat(client.get("/sim/calls/nobody").statusCode()).isEqualTo(404);
    assertThat(client.get("/sim/calls?limit=-1").statusCode()).isEqualTo(400);
  }

  @Test
  void ourOwnRequestIdGoesBeforeTheOthers() throws IOException {
    client.postChat(chat("m", "1"), "x-request-id", "b", "x-penstock-request-id", "a");
    client.postChat(chat("m", "2"), "idempotency-key", "d", "x-client-request-id", "c");
    client.postChat(chat("m", "3"), "idempotency-key", "d");
    client.postChat(chat("m", "4"));

    assertThat(simulator.log().calls(0, 10))
        .extracting(Call::requestId)
        .startsWith("a", "c", "d")
        .last()
        .asString()
        .startsWith("body-");
  }

  @Test
  void aResetBeginsANewLog() throws IOException {
    client.postChat(chat("m", "1"));

    client.post("/sim/reset", "");

    assertThat(client.getJson("/sim/summary").get("calls").asInt()).isZero();
  }

  @Test
  void equalTextsGetEqualAnswersWhateverTheModelAndOthersDoNot() throws IOException {
    var one = json(client.postChat(chat("m", "hello"), "x-request-id", "1"));
    var same = json(client.postChat(chat("m", "hello"), "x-request-id", "2"));
    var otherText = json(client.postChat(chat("m", "hallo")));
    var otherModel = json(client.postChat(chat("n", "hello")));

    assertThat(same.get("choices")).isEqualTo(one.get("choices"));
    assertThat(same.get("usage")).isEqualTo(one.get("usage"));
    assertThat(same.get("id")).isNotEqualTo(one.get("id"));
    assertThat(otherText.get("choices")).isNotEqualTo(one.get("choices"));
    assertThat(otherModel.get("choices")).isEqualTo(one.get("choices"));
    try (var other = Simulator.start(SimulatorConfig.standard().withSeed(2), "127.0.0.1", 0);
        var otherClient = new SimulatorClient(other)) {
      assertThat(json(otherClient.postChat(chat("m", "hello"))).get("choices"))
          .isNotEqualTo(one.get("choices"));
    }
  }

  @Test
  void manyCallsAreInFlightTogether() throws Exception {
    var config = SimulatorConfig.standard().withLatency(Latency.parse("fixed:700ms"));
    try (var slow = Simulator.start(config, "127.0.0.1", 0);
        var executor = Executors.newVirtualThreadPerTaskExecutor();
        var slowClient = new SimulatorClient(slow)) {
      List<Future<Integer>> answers =
          IntStream.range(0, 300)
              .mapToObj(
                  n ->
                      executor.submit(
                          () ->
                              slowClient
                                  .postChat(chat("m", "hello"), "x-request-id", "r" + n)
                                  .statusCode()))
              .toList();
      for (var answer : answers) {
        assertThat(answer.get()).isEqualTo(200);
      }

      assertThat(slow.log().summary().inFlightMax()).isGreaterThan(200);
      assertThat(slow.log().summary().inFlight()).isZero();
      assertThat(slow.log().summary().served()).isEqualTo(300);
    }
  }

  @Test
  void anAnswerToNobodyIsNotServed() throws IOException {
    var config = SimulatorConfig.standard().withLatency(Latency.parse("fixed:300ms"));
    try (var slow = Simulator.start(config, "127.0.0.1", 0)) {
      var body = chat("m", "hello", ",\"stream\":true").getBytes(UTF_8);
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), slow.port()));
        var head =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                .formatted(body.length);
        socket.getOutputStream().write(head.getBytes(UTF_8));
        socket.getOutputStream().write(body);
        await().until(() -> slow.log().summary().inFlight() == 1);
        // Leaves with a reset, as a killed process with unread data would.
        socket.setSoLinger(true, 0);
      }

      await().until(() -> slow.log().summary().inFlight() == 0);

      assertThat(slow.log().summary().clientGone()).isEqualTo(1);
      assertThat(slow.log().summary().served()).isZero();
    }
  }
}
