package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.FaultProfile;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each fault as an ordinary client sees it. */
class FaultsTest {
  private static final SimulatorConfig CONFIG =
      SimulatorConfig.standard()
          .withStall(Duration.ofMillis(150))
          .behaving(old -> old.withSlow(Duration.ofMillis(150)));

  private final Simulator simulator = Simulator.start(CONFIG, "127.0.0.1", 0);
  private final SimulatorClient client = new SimulatorClient(simulator);

  @AfterEach
  void stop() {
    client.close();
    simulator.close();
  }

  @Test
  void errorsHaveTheirStatusTypeAndCode() throws IOException {
    assertError("sim-500", 500, "server_error", null);
    assertError("sim-503", 503, "server_error", "server_is_overloaded");
    assertError("sim-429", 429, "requests", "rate_limit_exceeded");
    assertError("sim-insufficient-quota", 429, "insufficient_quota", "insufficient_quota");
    assertError("sim-context-length", 400, "invalid_request_error", "context_length_exceeded");
    assertError("sim-content-filter", 400, null, "content_filter");
    assertError("sim-401", 401, "invalid_request_error", "invalid_api_key");
    assertThat(simulator.log().summary().served()).isZero();
  }

  @Test
  void aPlanned429SaysWhenToComeBack() throws IOException {
    var response = client.postChat(chat("sim-429", "hello"));

    long millis = response.headers().firstValueAsLong("retry-after-ms").orElseThrow();
    assertThat(millis).isBetween(1_000L, 2_000L);
    assertThat(response.headers().firstValueAsLong("retry-after").orElseThrow())
        .isEqualTo(Math.ceilDiv(millis, 1_000));
  }

  @Test
  void insufficientQuotaGivesNoTimeToComeBack() throws IOException {
    var response = client.postChat(chat("sim-insufficient-quota", "hello"));

    assertThat(response.headers().firstValue("retry-after")).isEmpty();
  }

  @Test
  void aResetIsAReset() {
    assertThatThrownBy(() -> client.postChat(chat("sim-reset", "hello")))
        .isInstanceOf(IOException.class)
        .hasStackTraceContaining("Connection reset");

    assertLogged(Fault.RESET, 0);
  }

  @Test
  void aResetInAStreamIsAResetToo() {
    assertThatThrownBy(() -> client.postChat(chat("sim-reset", "hello", ",\"stream\":true")))
        .isInstanceOf(IOException.class)
        .hasStackTraceContaining("Connection reset");

    assertLogged(Fault.RESET, 200);
  }

  @Test
  void aTruncatedBodyEndsBeforeItsLength() {
    assertThatThrownBy(() -> client.postChat(chat("sim-truncated", "hello")))
        .isInstanceOf(IOException.class)
        .hasStackTraceContaining("fixed content-length");

    assertLogged(Fault.TRUNCATED, 200);
  }

  @Test
  void aTruncatedStreamEndsWithoutItsLastChunk() {
    assertThatThrownBy(() -> client.postChat(chat("sim-truncated", "hello", ",\"stream\":true")))
        .isInstanceOf(IOException.class)
        .hasStackTraceContaining("chunked transfer encoding");

    assertLogged(Fault.TRUNCATED, 200);
  }

  @Test
  void aMalformedAnswerIsACompleteOneThatIsNotJson() throws IOException {
    var contentTypes = new ArrayList<String>();
    for (int n = 0; n < 20; n++) {
      var response = client.postChat(chat("sim-malformed", "hello " + n));

      assertThat(response.statusCode()).isEqualTo(200);
      contentTypes.add(response.headers().firstValue("content-type").orElseThrow());
      assertThatThrownBy(() -> json(response)).isInstanceOf(JsonProcessingException.class);
    }
    assertThat(contentTypes).contains("application/json", "text/html; charset=UTF-8");
    assertLogged(Fault.MALFORMED, 200);
  }

  @Test
  void aMalformedStreamHasABrokenFrame() throws IOException {
    var response = client.postChat(chat("sim-malformed", "hello", ",\"stream\":true"));

    var events = SimulatorClient.events(response.body());
    assertThatThrownBy(() -> SimulatorClient.JSON.readTree(events.get(4)))
        .isInstanceOf(JsonProcessingException.class);
  }

  @Test
  void aStalledCallIsSilentAndThenClosed() {
    long begun = System.nanoTime();

    assertThatThrownBy(() -> client.postChat(chat("sim-stall", "hello")))
        .isInstanceOf(IOException.class);

    assertThat(System.nanoTime() - begun).isGreaterThan(140_000_000L);
    assertLogged(Fault.STALL, 0);
  }

  @Test
  void aStalledStreamBeginsAndThenFallsSilent() {
    long begun = System.nanoTime();

    assertThatThrownBy(() -> client.postChat(chat("sim-stall", "hello", ",\"stream\":true")))
        .isInstanceOf(IOException.class);

    assertThat(System.nanoTime() - begun).isGreaterThan(140_000_000L);
    assertLogged(Fault.STALL, 200);
  }

  @Test
  void aSlowAnswerIsRightAndLate() throws IOException {
    long begun = System.nanoTime();

    var response = client.postChat(chat("sim-slow", "hello"));

    assertThat(System.nanoTime() - begun).isGreaterThan(140_000_000L);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(simulator.log().summary().served()).isEqualTo(1);
  }

  @Test
  void aGatewayInFrontAnswersInHtml() throws IOException {
    var response = client.postChat(chat("sim-html-502", "hello"));

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.headers().firstValue("content-type")).contains("text/html; charset=UTF-8");
    assertThat(response.body()).startsWith("<html>");
  }

  @Test
  void anEmptyAnswerIsServedAndSaysNothing() throws IOException {
    var body = json(client.postChat(chat("sim-empty", "hello")));

    assertThat(body.at("/choices/0/message/content").asText("?")).isEmpty();
    assertThat(body.at("/usage/completion_tokens").asInt(-1)).isZero();
    assertThat(simulator.log().summary().served()).isEqualTo(1);
    assertThat(simulator.log().summary().inputTokens()).isEqualTo(8);
  }

  @Test
  void anErrorMayFollowA200() throws IOException {
    var whole = client.postChat(chat("sim-error-200", "hello"));
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(json(whole).has("error")).isTrue();
    assertThat(json(whole).has("choices")).isFalse();

    var stream = client.postChat(chat("sim-error-200", "hello", ",\"stream\":true"));
    var events = SimulatorClient.events(stream.body());
    assertThat(SimulatorClient.json(events.getLast()).at("/error/type").asText())
        .isEqualTo("server_error");
    assertThat(simulator.log().summary().served()).isZero();
  }

  @Test
  void embeddingsFailInTheSameWays() throws IOException {
    var body = "{\"model\":\"sim-503\",\"input\":\"a\"}";

    assertThat(client.post("/v1/embeddings", body).statusCode()).isEqualTo(503);
    assertThatThrownBy(() -> client.post("/v1/embeddings", body.replace("503", "truncated")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aHeaderOrdersAFaultForTheFirstAttemptsOfARequest() throws IOException {
    var statuses = new ArrayList<Integer>();

    for (int n = 0; n < 4; n++) {
      statuses.add(
          client
              .postChat(
                  chat("m", "hello"),
                  "x-sim-fault",
                  "http503",
                  "x-sim-fault-times",
                  "2",
                  "x-penstock-request-id",
                  "r1")
              .statusCode());
    }

    assertThat(statuses).containsExactly(503, 503, 200, 200);
  }

  @Test
  void anUnknownFaultInAHeaderIsRefused() throws IOException {
    var response = client.postChat(chat("m", "hello"), "x-sim-fault", "flood");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/param").asText()).isEqualTo("x-sim-fault");
  }

  @Test
  void plannedFaultsFollowFromSeedRequestAndRepetition() {
    var profile = FaultProfile.parse("http500=20%,http503=20%,rate429=20%,reset=10%,truncated=10%");
    var config = CONFIG.withFaults(profile);

    var first = faultsOf(config, 120);
    var again = faultsOf(config, 120);
    var other = faultsOf(config.withSeed(2), 120);

    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
    assertThat(first)
        .contains(
            Fault.NONE,
            Fault.HTTP_500,
            Fault.HTTP_503,
            Fault.RATE_429,
            Fault.RESET,
            Fault.TRUNCATED);
  }

  @Test
  void aRetryOfAFailedRequestCanSucceed() throws IOException {
    var config = CONFIG.withFaults(FaultProfile.parse("http500=50%"));
    try (var faulty = Simulator.start(config, "127.0.0.1", 0);
        var faultyClient = new SimulatorClient(faulty)) {
      for (int n = 0; n < 30; n++) {
        HttpResponse<String> response;
        int tries = 0;
        do {
          response = faultyClient.postChat(chat("m", "hello " + n), "x-request-id", "r" + n);
          tries++;
        } while (response.statusCode() != 200 && tries < 40);

        assertThat(response.statusCode()).isEqualTo(200);
      }
      var summary = faulty.log().summary();
      assertThat(summary.duplicateCalls()).isZero();
      assertThat(summary.repeatedCalls()).isEqualTo(summary.calls() - 30).isPositive();
    }
  }

  private static List<Fault> faultsOf(SimulatorConfig config, int calls) {
    try (var faulty = Simulator.start(config, "127.0.0.1", 0);
        var faultyClient = new SimulatorClient(faulty)) {
      for (int n = 0; n < calls; n++) {
        try {
          faultyClient.postChat(chat("m", "hello"), "x-penstock-request-id", "r" + n % 40);
        } catch (IOException brokenOnPurpose) {
          // The log knows.
        }
      }
      return faulty.log().calls(0, calls).stream().map(call -> call.fault()).toList();
    }
  }

  private void assertError(String model, int status, @Nullable String type, @Nullable String code)
      throws IOException {
    var response = client.postChat(chat(model, "hello"));

    assertThat(response.statusCode()).as(model).isEqualTo(status);
    var error = json(response).get("error");
    assertThat(error.get("message").asText()).as(model).isNotBlank();
    assertThat(error.get("type").textValue()).as(model).isEqualTo(type);
    assertThat(error.get("code").textValue()).as(model).isEqualTo(code);
    assertThat(error.has("param")).as(model).isTrue();
  }

  private void assertLogged(Fault fault, int status) {
    var call = simulator.log().calls(0, 1_000).getLast();
    assertThat(call.fault()).isEqualTo(fault);
    assertThat(call.status()).isEqualTo(status);
    assertThat(call.served()).isFalse();
    assertThat(call.clientGone()).isFalse();
    assertThat(simulator.log().summary().inFlight()).isZero();
  }
}
