package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.limit.RateLimits;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private final AtomicLong nanos = new AtomicLong(1_000_000_000L);
  private final Simulator simulator =
      Simulator.start(
          SimulatorConfig.standard().withLimits(RateLimits.perMinute(120, 600_000)),
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
  void everyAnswerTellsBothLimits() throws IOException {
    var response = client.postChat(chat("m", "hello"));

    var usage = json(response).at("/usage/total_tokens").asInt();
    var headers = response.headers();
    assertThat(headers.firstValue("x-ratelimit-limit-requests")).contains("120");
    assertThat(headers.firstValue("x-ratelimit-remaining-requests")).contains("1");
    assertThat(headers.firstValue("x-ratelimit-reset-requests")).contains("500ms");
    assertThat(headers.firstValue("x-ratelimit-limit-tokens")).contains("600000");
    assertThat(headers.firstValue("x-ratelimit-remaining-tokens"))
        .contains(String.valueOf(10_000 - usage));
    assertThat(headers.firstValue("x-ratelimit-reset-tokens"))
        .contains(Math.ceilDiv(usage, 10) + "ms");
  }

  @Test
  void aCallOverTheLimitIsRefusedWithWhatOpenAiSays() throws IOException {
    client.postChat(chat("m", "1"));
    client.postChat(chat("m", "2"));

    var refused = client.postChat(chat("m", "3"));

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("retry-after")).contains("1");
    assertThat(refused.headers().firstValue("retry-after-ms")).contains("500");
    assertThat(refused.headers().firstValue("x-ratelimit-remaining-requests")).contains("0");
    var error = json(refused).get("error");
    assertThat(error.get("code").asText()).isEqualTo("rate_limit_exceeded");
    assertThat(error.get("type").asText()).isEqualTo("requests");
    assertThat(error.get("message").asText())
        .startsWith(
            "Rate limit reached for m in organization org-simulator on requests per min (RPM):"
                + " Limit 120, Requested 1. Please try again in 500ms.");
  }

  @Test
  void whoWaitsAsLongAsToldIsServed() throws IOException {
    client.postChat(chat("m", "1"));
    client.postChat(chat("m", "2"));
    var refused = client.postChat(chat("m", "3"));
    var waitMillis = refused.headers().firstValueAsLong("retry-after-ms").orElseThrow();

    nanos.addAndGet(waitMillis * 1_000_000);

    assertThat(client.postChat(chat("m", "3")).statusCode()).isEqualTo(200);
  }

  @Test
  void tokensAreLimitedApartFromRequests() throws IOException {
    simulator.changeLimits(RateLimits.unlimited().withTokens(600));
    client.postChat(chat("m", "1"));

    var refused = client.postChat(chat("m", "2"));

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(json(refused).at("/error/type").asText()).isEqualTo("tokens");
    assertThat(refused.headers().firstValue("x-ratelimit-limit-requests")).isEmpty();
    assertThat(refused.headers().firstValue("x-ratelimit-limit-tokens")).contains("600");
  }

  @Test
  void eachModelHasTheLimitsForItselfWhereTheyAreCountedSo() throws IOException {
    client.post("/sim/limits", "{\"rpm\":60,\"counted\":\"by-model\"}");
    client.postChat(chat("m", "1"));

    var same = client.postChat(chat("m", "2"));
    var other = client.postChat(chat("n", "1"));

    assertThat(same.statusCode()).isEqualTo(429);
    assertThat(other.statusCode()).isEqualTo(200);
    assertThat(other.headers().firstValue("x-ratelimit-remaining-requests")).contains("0");
    client.post("/sim/limits", "{\"counted\":\"by-key\"}");
    client.postChat(chat("m", "3"));
    assertThat(client.postChat(chat("n", "2")).statusCode()).isEqualTo(429);
  }

  @Test
  void limitsChangeOverHttpWhileRunning() throws IOException {
    var changed = client.post("/sim/limits", "{\"rpm\":60,\"tpm\":null}");

    assertThat(changed.body()).isEqualTo("{\"rpm\":60,\"tpm\":null}");
    assertThat(client.postChat(chat("m", "1")).statusCode()).isEqualTo(200);
    assertThat(client.postChat(chat("m", "2")).statusCode()).isEqualTo(429);
    assertThat(client.post("/sim/limits", "{\"tpm\":5}").body())
        .isEqualTo("{\"rpm\":60,\"tpm\":5}");
    var wrong = client.post("/sim/limits", "{\"rpm\":0}");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(client.post("/sim/limits", "{\"rps\":1}").body()).contains("unknown limit 'rps'");
  }

  @Test
  void refusedCallsAreInTheLogAndNotServed() throws IOException {
    for (int n = 0; n < 5; n++) {
      client.postChat(chat("m", "1"), "x-penstock-request-id", "r1");
    }

    var summary = simulator.log().summary();

    assertThat(summary.byStatus()).containsEntry(200, 2L).containsEntry(429, 3L);
    assertThat(summary.served()).isEqualTo(2);
  }
}
