package io.penstock.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.calls.Call;
import io.penstock.standalone.client.ApiClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers who ask again under the same key, before and after kill -9 of the whole process. */
class AskingAgainTest {

  private static final int AT_ONCE = 20;

  @TempDir private Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
  private int port;
  private String secret = "";

  @Test
  void whatIsAskedAgainAfterAKillIsAnsweredFromTheLogAndChargedOnce() throws Exception {
    var data = directory.resolve("data");
    try (var simulator =
        Simulator.start(
            SimulatorConfig.standard()
                .withModels(List.of("upstream"))
                .withLatency(Latency.parse("lognormal:700ms,0.1")),
            "127.0.0.1",
            0)) {
      var config =
          Files.writeString(directory.resolve("penstock.yaml"), Installed.catalog(simulator.uri()));
      port = LiveProcess.freePort();
      var process = LiveProcess.up(data, port, config);
      try (var admin = LiveProcess.administrator(data)) {
        secret = admin.createKey("test", "alpha");
      }
      try {
        var whole = ask("whole", "Count to one.", "");
        var stream = ask("stream", "Count to two.", ",\"stream\":true");
        assertThat(whole.statusCode()).as(whole.body()).isEqualTo(200);
        assertThat(stream.body()).startsWith("data: {").endsWith("data: [DONE]\n\n");
        var together = together();
        // its caller never hears of it: the process dies while the provider is at work
        var lost = askAsync("lost", "Count to four.", "");
        awaitCalls(simulator, 4);

        process.destroyForcibly().waitFor();
        process = LiveProcess.up(data, port, config);

        assertThat(lost).failsWithin(Duration.ofSeconds(5));
        assertReplayed(ask("whole", "Count to one.", ""), whole);
        var again = ask("stream", "Count to two.", ",\"stream\":true");
        assertReplayed(again, stream);
        assertThat(again.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertReplayed(ask("together", "Count to three.", ""), together);
        var found = ask("lost", "Count to four.", "");
        assertThat(found.statusCode()).as(found.body()).isEqualTo(200);
        assertReplayed(ask("lost", "Count to four.", ""), found);
        var other = ask("whole", "Count to five.", "");
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(other.body()).contains("idempotency_key_reused");

        // only the call that was open at the kill may be made again: by the worker, that had not
        // committed it, and by the router, if it had not either
        var calls = simulator.log().calls(0, 100);
        assertThat(calls).hasSizeBetween(4, 6);
        assertThat(calls.stream().map(Call::requestId).distinct()).hasSize(4);
        assertThat(charged()).isEqualTo(4);
      } finally {
        LiveProcess.stop(process);
        http.close();
      }
    }
  }

  /** Many callers of one key at the same time; all hear the same. Returns what they hear. */
  private HttpResponse<String> together() throws Exception {
    var calls =
        java.util.stream.IntStream.range(0, AT_ONCE)
            .mapToObj(_ -> askAsync("together", "Count to three.", ""))
            .toList();
    for (var call : calls) {
      assertThat(call.get().statusCode()).as(call.get().body()).isEqualTo(200);
      assertThat(call.get().body()).isEqualTo(calls.getFirst().get().body());
    }
    assertThat(calls.stream().map(call -> requestId(call.join())).distinct()).hasSize(1);
    return calls.getFirst().get();
  }

  private static void assertReplayed(HttpResponse<String> again, HttpResponse<String> first) {
    assertThat(again.statusCode()).as(again.body()).isEqualTo(first.statusCode());
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("idempotent-replayed")).hasValue("true");
    assertThat(requestId(again)).isEqualTo(requestId(first));
  }

  private static String requestId(HttpResponse<String> response) {
    return response.headers().firstValue("x-request-id").orElseThrow();
  }

  /** Requests that were charged, as the books have it. */
  private long charged() throws IOException, InterruptedException {
    try (var client = new ApiClient(URI.create("http://127.0.0.1:" + port), secret)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> requests(client.fetch("/v1/billing/summary")) >= 4);
      var summary = client.fetch("/v1/billing/summary");
      assertThat(summary.path("balanced").asBoolean()).isTrue();
      return requests(summary);
    }
  }

  private static long requests(JsonNode summary) {
    return summary.path("requests").asLong();
  }

  private HttpResponse<String> ask(String key, String prompt, String more)
      throws IOException, InterruptedException {
    return http.send(request(key, prompt, more), BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> askAsync(String key, String prompt, String more) {
    return http.sendAsync(request(key, prompt, more), BodyHandlers.ofString());
  }

  private HttpRequest request(String key, String prompt, String more) {
    var body =
        "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"max_tokens\":32%s}"
            .formatted(prompt, more);
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
        .header("Authorization", "Bearer " + secret)
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", key)
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private static void awaitCalls(Simulator simulator, long calls) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> simulator.log().summary().calls() >= calls);
  }
}
