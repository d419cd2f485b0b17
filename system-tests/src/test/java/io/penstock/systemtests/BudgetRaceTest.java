package io.penstock.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.platform.config.Section;
import io.penstock.router.RouterConfig;
import io.penstock.router.RouterService;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.node.Node;
import io.penstock.standalone.node.NodeConfig;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many callers at once against a budget for ten requests, which nobody has used before: each round
 * is another end user. Three routers share the partitions, one joins and one leaves while requests
 * are decided.
 */
class BudgetRaceTest {

  private static final int ROUNDS = 50;
  private static final int CALLERS = 500;
  private static final int ALLOWED = 10;
  private static final int JOINS_IN_ROUND = 15;
  private static final int LEAVES_IN_ROUND = 30;
  private static final int PAYMENT_REQUIRED = 402;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;

  /** Where a request comes in. */
  private enum Surface {
    CHAT("/v1/chat/completions"),
    STREAM("/v1/chat/completions"),
    RESPONSES("/v1/responses"),
    MESSAGES("/v1/messages"),
    EMBEDDINGS("/v1/embeddings"),
    BATCH("/v1/chat/completions");

    private final String path;

    Surface(String path) {
      this.path = path;
    }

    String body(String endUser) {
      var body = Installed.JSON.createObjectNode().put("model", "fast");
      switch (this) {
        case EMBEDDINGS -> body.put("input", "water").put("user", endUser);
        case RESPONSES ->
            body.put("input", "water").put("max_output_tokens", 20).put("user", endUser);
        case MESSAGES -> {
          said(body);
          body.putObject("metadata").put("user_id", endUser);
        }
        case CHAT, BATCH -> said(body).put("user", endUser);
        case STREAM -> said(body).put("user", endUser).put("stream", true);
      }
      return body.toString();
    }

    private static ObjectNode said(ObjectNode body) {
      body.put("max_tokens", 20);
      body.putArray("messages").addObject().put("role", "user").put("content", "water");
      return body;
    }
  }

  @Test
  void bud01bud02bud03bud04ExactlyTenOfFiveHundredAreAdmittedInEachRound() throws Exception {
    try (var simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
        var node =
            Node.start(new NodeConfig(directory.resolve("data"), 0, catalog(simulator), null))) {
      var second = router(node, "two");
      RouterService third = null;
      try (var threads = Executors.newVirtualThreadPerTaskExecutor();
          var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        await().atMost(PATIENCE).until(second::ready);
        var key = key(node);
        for (int round = 0; round < ROUNDS; round++) {
          var surface = Surface.values()[round % Surface.values().length];
          var endUser = "user-" + round;
          var callsBefore = simulator.log().summary().calls();
          var answers = threads.submit(() -> ask(surface, endUser, node, key, http));
          if (round == JOINS_IN_ROUND) {
            third = router(node, "three");
          } else if (round == LEAVES_IN_ROUND) {
            second.close();
          }

          assertThat(answers.get())
              .as("round %d, %s", round, surface)
              .isEqualTo(Map.of(200, ALLOWED, PAYMENT_REQUIRED, CALLERS - ALLOWED));
          assertThat(simulator.log().summary().calls() - callsBefore)
              .as("calls to the provider in round %d, %s", round, surface)
              .isEqualTo(ALLOWED);
        }
      } finally {
        second.close();
        if (third != null) {
          third.close();
        }
      }
    }
  }

  /** How many answers had which status. */
  private Map<Integer, Integer> ask(
      Surface surface, String endUser, Node node, String key, HttpClient http) throws Exception {
    return surface == Surface.BATCH
        ? batch(endUser, node, key)
        : calls(surface, endUser, node, key, http);
  }

  private static Map<Integer, Integer> calls(
      Surface surface, String endUser, Node node, String key, HttpClient http) throws Exception {
    var request =
        HttpRequest.newBuilder(node.url().resolve(surface.path))
            .header("authorization", "Bearer " + key)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(surface.body(endUser)))
            .build();
    var statuses = new TreeMap<Integer, Integer>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiting = new ArrayList<Future<Integer>>();
      Callable<Integer> call = () -> http.send(request, BodyHandlers.ofString()).statusCode();
      for (int i = 0; i < CALLERS; i++) {
        waiting.add(threads.submit(call));
      }
      for (var each : waiting) {
        statuses.merge(each.get(), 1, Integer::sum);
      }
    }
    return statuses;
  }

  private Map<Integer, Integer> batch(String endUser, Node node, String key) throws Exception {
    var file = directory.resolve(endUser + ".jsonl");
    var lines = new ArrayList<String>();
    for (int i = 0; i < CALLERS; i++) {
      lines.add(
          "{\"custom_id\":\"c%d\",\"method\":\"POST\",\"url\":\"%s\",\"body\":%s}"
              .formatted(i, Surface.BATCH.path, Surface.BATCH.body(endUser)));
    }
    Files.write(file, lines);
    try (var client = new ApiClient(node.url(), key)) {
      var submitted = client.uploadBatchFile(file).path("id").asText();
      var created = client.createBatch(submitted, Surface.BATCH.path).path("id").asText();
      var batch = Installed.ended(client, created, PATIENCE);
      var statuses = new TreeMap<Integer, Integer>();
      for (var name : List.of("output_file_id", "error_file_id")) {
        for (var line : lines(client, batch.path(name).asText())) {
          statuses.merge(status(line), 1, Integer::sum);
        }
      }
      return statuses;
    }
  }

  /** A line that was refused has no answer, but an error. */
  private static int status(JsonNode line) {
    var code = line.path("error").path("code").asText("");
    return code.equals("budget_exceeded")
        ? PAYMENT_REQUIRED
        : line.path("response").path("status_code").asInt();
  }

  private static List<JsonNode> lines(ApiClient client, String file) throws Exception {
    var lines = new ArrayList<JsonNode>();
    var text = new String(client.download("/v1/files/" + file + "/content"), UTF_8);
    for (var line : text.lines().toList()) {
      lines.add(Installed.JSON.readTree(line));
    }
    return lines;
  }

  private RouterService router(Node node, String name) {
    return RouterService.start(
        Installed.beside(node, name, directory.resolve("streams-" + name)),
        RouterConfig.of(Section.empty()));
  }

  private static String key(Node node) throws IOException, InterruptedException {
    try (var admin = new ApiClient(node.url(), node.adminKey())) {
      return admin.createKey("race", "alpha");
    }
  }

  private static String catalog(Simulator provider) {
    return """
    organizations: [{id: alpha, name: Alpha}]
    pools:
      - {name: provider, dialect: openai, base-url: "%s/v1", concurrency: 256}
    models:
      - {name: fast, targets: [{pool: provider, model: upstream, price: p}]}
    prices:
      - {name: p, lines: {input_uncached: "0.15", output_text: "0.60"}}
    budgets:
      - {id: each, organization: alpha, unit: requests, limit: 10, group-by: [end-user]}
    """
        .formatted(provider.uri());
  }
}
