package io.penstock.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.billing.BillingConfig;
import io.penstock.billing.BillingService;
import io.penstock.ingress.IngressConfig;
import io.penstock.ingress.IngressService;
import io.penstock.platform.config.Section;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.node.Node;
import io.penstock.standalone.node.NodeConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances of ingress and of billing on one log: each has some of the batches and of the
 * books, and a client behind a load balancer must not notice which one it asks.
 */
class SecondInstanceTest {

  private static final int BATCHES = 14;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int OK = 200;

  @TempDir private Path directory;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void bothInstancesAnswerForAllBatchesAndBooks() throws Exception {
    try (var simulator =
            Simulator.start(
                SimulatorConfig.standard()
                    .withModels(List.of("upstream"))
                    .withLatency(Latency.parse("lognormal:20ms,0.5")),
                "127.0.0.1",
                0);
        var node =
            Node.start(
                new NodeConfig(
                    directory.resolve("data"),
                    LiveProcess.freePort(),
                    Installed.catalog(simulator.uri()),
                    null))) {
      var platform = Installed.beside(node, "two", directory.resolve("streams-two"));
      var port = LiveProcess.freePort();
      try (var billing =
              BillingService.start(
                  platform, BillingConfig.of(Section.empty()), new HostInfo("127.0.0.1", port));
          var ingress =
              IngressService.start(
                  platform,
                  IngressConfig.defaults().at("127.0.0.1", port),
                  List.of(billing::routes),
                  Map.of())) {
        await()
            .atMost(PATIENCE)
            .until(() -> ingress.ready() && billing.ready() && ready(node.url()));
        var instances = List.of(node.url(), URI.create("http://127.0.0.1:" + port));
        batches(instances, key(node, "alpha"));
        books(instances, key(node, "alpha"), key(node, "beta"));
      }
    }
  }

  private void batches(List<URI> instances, String key) throws Exception {
    var input = Installed.lines(directory.resolve("input.jsonl"), 2);
    var made = new ArrayList<String>();
    try (var client = new ApiClient(instances.getFirst(), key)) {
      var file = client.uploadBatchFile(input).path("id").asText();
      for (int i = 0; i < BATCHES; i++) {
        var batch = create(instances.get(i % 2), key, file, "key-" + i);
        var again = create(instances.get((i + 1) % 2), key, file, "key-" + i);
        assertThat(again.path("id")).isEqualTo(batch.path("id"));
        made.addFirst(batch.path("id").asText());
      }
    }
    for (var instance : instances) {
      assertThat(pages(instance, key))
          .as("listing of %s", instance)
          .containsExactlyElementsOf(made);
      try (var client = new ApiClient(instance, key)) {
        for (var batch : made) {
          var ended = Installed.ended(client, batch, PATIENCE);
          assertThat(ended.path("request_counts").path("completed").asInt()).isEqualTo(2);
          assertThat(
                  client.download(
                      "/v1/files/" + ended.path("output_file_id").asText() + "/content"))
              .isNotEmpty();
        }
      }
      assertThat(send(instance, key, "GET", "/v1/batches/batch_0", null).statusCode())
          .isEqualTo(404);
    }
    cancelled(instances, key);
  }

  /** A batch that is cancelled at either instance is cancelled at both. */
  private void cancelled(List<URI> instances, String key) throws Exception {
    var input = Installed.lines(directory.resolve("large.jsonl"), 20_000);
    try (var client = new ApiClient(instances.getLast(), key)) {
      var file = client.uploadBatchFile(input).path("id").asText();
      for (int i = 0; i < 4; i++) {
        var batch = create(instances.getFirst(), key, file, "large-" + i).path("id").asText();
        var answer =
            send(instances.get(i % 2), key, "POST", "/v1/batches/" + batch + "/cancel", "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(OK);
        assertThat(client.batch(batch).path("status").asText()).isIn("cancelling", "cancelled");
      }
    }
  }

  private void books(List<URI> instances, String... keys) throws Exception {
    for (var key : keys) {
      for (var instance : instances) {
        var answer =
            send(
                instance,
                key,
                "POST",
                "/v1/chat/completions",
                "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":5}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(OK);
      }
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                var summaries = new HashSet<String>();
                for (var instance : instances) {
                  var answer = send(instance, key, "GET", "/v1/billing/summary", null);
                  assertThat(answer.statusCode()).as(answer.body()).isEqualTo(OK);
                  summaries.add(answer.body());
                }
                assertThat(summaries).hasSize(1);
                assertThat(
                        Installed.JSON
                            .readTree(summaries.iterator().next())
                            .path("entries")
                            .asInt())
                    .isGreaterThanOrEqualTo(2);
              });
    }
  }

  private JsonNode create(URI instance, String key, String file, String idempotencyKey)
      throws IOException, InterruptedException {
    var answer =
        http.send(
            request(instance, key, "/v1/batches")
                .header("Idempotency-Key", idempotencyKey)
                .header("Content-Type", "application/json")
                .POST(
                    BodyPublishers.ofString(
                        "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}"
                            .formatted(file)))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(OK);
    return Installed.JSON.readTree(answer.body());
  }

  private List<String> pages(URI instance, String key) throws IOException, InterruptedException {
    var ids = new ArrayList<String>();
    var after = "";
    for (var more = true; more; ) {
      var page =
          Installed.JSON.readTree(
              send(instance, key, "GET", "/v1/batches?limit=5" + after, null).body());
      page.path("data").forEach(batch -> ids.add(batch.path("id").asText()));
      more = page.path("has_more").asBoolean();
      after = "&after=" + page.path("last_id").asText();
    }
    return ids;
  }

  private HttpResponse<String> send(
      URI instance, String key, String method, String path, @Nullable String body)
      throws IOException, InterruptedException {
    return http.send(
        request(instance, key, path)
            .header("Content-Type", "application/json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(URI instance, String key, String path) {
    return HttpRequest.newBuilder(instance.resolve(path)).header("Authorization", "Bearer " + key);
  }

  private boolean ready(URI instance) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(instance.resolve("/health/ready")).build();
    return http.send(request, BodyHandlers.discarding()).statusCode() == OK;
  }

  private static String key(Node node, String organization)
      throws IOException, InterruptedException {
    try (var admin = new ApiClient(node.url(), node.adminKey())) {
      return admin.createKey("two", organization);
    }
  }
}
