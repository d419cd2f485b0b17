package io.penstock.systemtests;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.node.Node;
import io.penstock.standalone.node.NodeConfig;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each way in which a provider can fail, met by each kind of request, with one target and with two:
 * what the caller gets, how many calls are made (by the providers' own logs), how long it takes at
 * most, and what is charged. The page {@code docs/failover.md} is this test's table.
 */
class FaultMatrixTest {

  private static final Path PAGE = Path.of("../docs/failover.md");
  private static final Path BATCHES_PARALLEL = Path.of("batch.jsonl");
  private static final String PROMPT = "Tell me about water.";
  private static final int ATTEMPTS_MAX = 3;
  private static final Duration FIRST_BYTE = Duration.ofSeconds(2);

  @TempDir private static Path directory;
  private static String expected = "";

  /** How a request is made. */
  private enum Mode {
    NON_STREAM("answer"),
    STREAM("stream"),
    BATCH("batch line");

    private final String words;

    Mode(String words) {
      this.words = words;
    }
  }

  /**
   * One failure.
   *
   * @param name for the page
   * @param fault the simulator's name for it; null for a provider that is not there
   * @param policy of the model, in the catalogue's words; empty for the defaults
   */
  private record Failure(String name, @Nullable String fault, String policy) {
    static Failure of(String name, String fault) {
      return new Failure(name, fault, "");
    }

    boolean continues() {
      return policy.contains("continue");
    }

    String id() {
      return fault == null ? "absent" : fault;
    }
  }

  private static final List<Failure> FAILURES =
      List.of(
          Failure.of("400, a parameter it does not have", "http400"),
          Failure.of("401, our key is refused", "401"),
          Failure.of("403, our key may not", "http403"),
          Failure.of("404, the model is unknown there", "http404"),
          Failure.of("the prompt is too long", "context-length"),
          Failure.of("content policy refuses the prompt", "content-filter"),
          Failure.of("402, our money there is used up", "http402"),
          Failure.of("429 for money", "insufficient-quota"),
          Failure.of("429 for rate, twice", "rate429-times-2"),
          Failure.of("429 for rate without a hint, twice", "rate429-none-times-2"),
          Failure.of("429 for capacity", "capacity429"),
          Failure.of("500", "http500"),
          Failure.of("502 as a page of HTML", "html-502"),
          Failure.of("503", "http503"),
          Failure.of("529", "http529"),
          new Failure("nobody answers at the address", null, ""),
          Failure.of("reset before the head", "reset-before-head"),
          Failure.of("reset later", "reset"),
          Failure.of("silent", "silent"),
          Failure.of("head, then silence", "head-only"),
          Failure.of("only signs of life", "comments-only"),
          Failure.of("stalls in the middle", "stall"),
          Failure.of("cut in the middle", "truncated"),
          Failure.of("ends early", "ends-early"),
          Failure.of("not JSON", "json-broken"),
          Failure.of("a page of HTML with 200", "html-200"),
          Failure.of("an error with 200", "error-200"),
          Failure.of("no choice", "empty-choices"),
          Failure.of("nothing said", "empty"),
          new Failure("cut by its length", "length", "length-fails: true, buffered: true"),
          new Failure("the model refuses", "refusal", "refusal-fails: true, buffered: true"),
          new Failure(
              "not the promised schema", "schema-invalid", "schema-fails: true, buffered: true"),
          new Failure(
              "cut in the middle, to be continued", "truncated-continue", "mid-stream: continue"));

  /** One cell. */
  private record Cell(Failure failure, Mode mode, int targets) {
    String model() {
      return "%s-%s-%d"
          .formatted(failure.id(), mode.name().toLowerCase(Locale.ROOT).replace('_', '-'), targets);
    }

    String upstreamFault() {
      var fault = failure.fault();
      if (fault == null) {
        return model();
      }
      return model() + "+fault-" + fault.replace("-continue", "");
    }
  }

  /** What came of a cell. */
  private record Outcome(String answer, Duration time) {}

  @Test
  void everyFailureIsMetAsThePageSays() throws Exception {
    var faulty =
        Simulator.start(
            SimulatorConfig.standard().withStall(Duration.ofSeconds(15)), "127.0.0.1", 0);
    var healthy = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
    var cells = new ArrayList<Cell>();
    for (var failure : FAILURES) {
      for (var mode : Mode.values()) {
        for (int targets = 1; targets <= 2; targets++) {
          // alone, a target that refuses for its rate is waited for until the deadline
          if (targets == 2 || !pool(failure).equals("limited")) {
            cells.add(new Cell(failure, mode, targets));
          }
        }
      }
    }
    try (faulty;
        healthy;
        var node =
            Node.start(
                new NodeConfig(
                    directory.resolve("data"),
                    0,
                    catalog(cells, faulty.uri(), healthy.uri()),
                    null))) {
      var key = key(node);
      expected = plain(node.url(), key);
      var outcomes = run(node, key, cells);
      var charges = charges(node, cells);
      var firstCalls = calls(faulty.uri());
      var secondCalls = calls(healthy.uri());

      Files.createDirectories(Path.of("target"));
      var page = page(cells, outcomes, charges, firstCalls, secondCalls);
      Files.writeString(Path.of("target/failover.md"), page);
      if ("write".equals(System.getProperty("penstock.golden"))) {
        Files.writeString(PAGE, page);
      }
      outcomes.forEach(
          (cell, outcome) ->
              holds(
                  cell,
                  outcome,
                  firstCalls.getOrDefault(cell.upstreamFault(), 0),
                  secondCalls.getOrDefault(cell.model(), 0),
                  charges.getOrDefault(cell.model(), 0L)));
    }
  }

  /** What must hold in every cell; the page shows the particulars of one run. */
  private static void holds(
      Cell cell, Outcome outcome, int firstCalls, int secondCalls, long charged) {
    var answered = outcome.answer().equals("answered");
    var broken = outcome.answer().startsWith("a part, then an error frame");

    assertThat(outcome.answer()).as(cell.model()).doesNotContain("A SHORT", "ANOTHER", "NOT JSON");
    if (cell.targets() == 2) {
      assertThat(answered || (broken && cell.mode() == Mode.STREAM && !cell.failure().continues()))
          .as("%s: %s", cell.model(), outcome.answer())
          .isTrue();
    }
    assertThat(firstCalls)
        .as("calls to the first target, %s", cell.model())
        .isLessThanOrEqualTo(pool(cell.failure()).equals("limited") ? 6 : ATTEMPTS_MAX);
    assertThat(secondCalls)
        .as("calls to the second target, %s", cell.model())
        .isLessThanOrEqualTo(1);
    assertThat(charged > 0).as("charged, %s", cell.model()).isEqualTo(answered);
    assertThat(outcome.time()).as(cell.model()).isLessThanOrEqualTo(limit(cell));
  }

  private static Duration limit(Cell cell) {
    return cell.targets() == 2 && !cell.failure().id().startsWith("rate429")
        ? FIRST_BYTE.plusSeconds(3)
        : Duration.ofSeconds(30);
  }

  private static Map<Cell, Outcome> run(Node node, String key, List<Cell> cells) throws Exception {
    var outcomes = new ConcurrentHashMap<Cell, Outcome>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var http = HttpClient.newHttpClient()) {
      var waiting = new ArrayList<Future<?>>();
      for (var cell : cells) {
        if (cell.mode() != Mode.BATCH) {
          waiting.add(
              threads.submit(
                  () -> {
                    outcomes.put(cell, ask(http, node.url(), key, cell));
                    return null;
                  }));
        }
      }
      waiting.add(
          threads.submit(
              () -> {
                outcomes.putAll(
                    batch(
                        node.url(),
                        key,
                        cells.stream().filter(cell -> cell.mode() == Mode.BATCH).toList()));
                return null;
              }));
      for (var each : waiting) {
        each.get();
      }
    }
    return outcomes;
  }

  private static String plain(URI url, String key) throws Exception {
    try (var client = new ApiClient(url, key)) {
      var body = Installed.JSON.createObjectNode().put("model", "plain").put("max_tokens", 200);
      body.putArray("messages").addObject().put("role", "user").put("content", PROMPT);
      return client
          .post("/v1/chat/completions", body)
          .path("choices")
          .path(0)
          .path("message")
          .path("content")
          .asText();
    }
  }

  private static String body(Cell cell) {
    var body = Installed.JSON.createObjectNode();
    body.put("model", cell.model());
    body.putArray("messages").addObject().put("role", "user").put("content", PROMPT);
    body.put("max_tokens", 200);
    if (cell.mode() == Mode.STREAM) {
      body.put("stream", true);
    }
    if (cell.failure().id().equals("schema-invalid")) {
      var schema =
          body.putObject("response_format").put("type", "json_schema").putObject("json_schema");
      schema.put("name", "river").put("strict", true);
      var object =
          schema.putObject("schema").put("type", "object").put("additionalProperties", false);
      object.putObject("properties").putObject("length").put("type", "integer");
      object.putArray("required").add("length");
    }
    return body.toString();
  }

  private static Outcome ask(HttpClient http, URI url, String key, Cell cell) throws Exception {
    var started = System.nanoTime();
    var response =
        http.send(
            HttpRequest.newBuilder(url.resolve("/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .header("x-penstock-timeout", "28")
                .POST(BodyPublishers.ofString(body(cell)))
                .build(),
            BodyHandlers.ofString());
    var time = Duration.ofNanos(System.nanoTime() - started);
    if (response.statusCode() != 200) {
      return new Outcome(
          response.statusCode()
              + " `"
              + Installed.JSON.readTree(response.body()).path("error").path("code").asText()
              + "`",
          time);
    }
    return new Outcome(
        cell.mode() == Mode.STREAM ? streamed(cell, response.body()) : whole(cell, response.body()),
        time);
  }

  private static String whole(Cell cell, String body) throws IOException {
    return answered(
        cell,
        Installed.JSON
            .readTree(body)
            .path("choices")
            .path(0)
            .path("message")
            .path("content")
            .asText());
  }

  /** The answer to this prompt is the same at every simulated provider. */
  private static String answered(Cell cell, String text) {
    if (cell.failure().id().equals("schema-invalid")) {
      return text.startsWith("{") ? "answered" : "NOT JSON";
    }
    return text.equals(expected) ? "answered" : "ANOTHER TEXT: " + text;
  }

  /** What an official client would make of a stream. */
  private static String streamed(Cell cell, String body) throws IOException {
    var finished = false;
    var text = new StringBuilder();
    String error = null;
    String last = "";
    for (var line : body.lines().filter(each -> each.startsWith("data:")).toList()) {
      last = line.substring(5).strip();
      if (last.equals("[DONE]")) {
        continue;
      }
      var chunk = Installed.JSON.readTree(last);
      if (chunk.has("error")) {
        error = chunk.path("error").path("code").asText();
      }
      var choice = chunk.path("choices").path(0);
      text.append(choice.path("delta").path("content").asText(""));
      finished |= choice.path("finish_reason").isTextual();
    }
    assertThat(last).as("the end of a stream").isEqualTo("[DONE]");
    if (error != null) {
      return (text.isEmpty() ? "an error frame `" : "a part, then an error frame `") + error + "`";
    }
    return finished ? answered(cell, text.toString()) : "A SHORT ANSWER THAT LOOKS COMPLETE";
  }

  private static Map<Cell, Outcome> batch(URI url, String key, List<Cell> cells) throws Exception {
    var byModel = new HashMap<String, Cell>();
    var file = directory.resolve(BATCHES_PARALLEL);
    try (var out = Files.newBufferedWriter(file)) {
      for (var cell : cells) {
        byModel.put(cell.model(), cell);
        out.write(
            "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":%s}\n"
                .formatted(cell.model(), body(cell)));
      }
    }
    var outcomes = new HashMap<Cell, Outcome>();
    try (var client = new ApiClient(url, key)) {
      var input = client.uploadBatchFile(file).path("id").asText();
      var batch =
          Installed.ended(
              client,
              client.createBatch(input, "/v1/chat/completions").path("id").asText(),
              Duration.ofMinutes(4));
      assertThat(batch.path("status").asText()).isEqualTo("completed");
      for (var output : List.of("output_file_id", "error_file_id")) {
        if (batch.path(output).isTextual()) {
          try (var content = client.content(batch.path(output).asText())) {
            for (var line :
                new String(content.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
              var json = Installed.JSON.readTree(line);
              var cell = requireNonNull(byModel.get(json.path("custom_id").asText()));
              outcomes.put(
                  cell,
                  // the whole batch is timed, which says nothing of one line
                  new Outcome(line(cell, json), Duration.ZERO));
            }
          }
        }
      }
    }
    assertThat(outcomes).hasSameSizeAs(cells);
    return outcomes;
  }

  private static String line(Cell cell, JsonNode line) throws IOException {
    var status = line.path("response").path("status_code").asInt();
    if (status == 200) {
      return whole(cell, line.path("response").path("body").toString());
    }
    var code = line.path("response").path("body").path("error").path("code");
    return (status == 0 ? "" : status + " ")
        + "`"
        + (code.isTextual() ? code : line.path("error").path("code")).asText()
        + "`";
  }

  /** Calls by upstream model, by the provider's own log. */
  private static Map<String, Integer> calls(URI simulator) throws Exception {
    var calls = new HashMap<String, Integer>();
    try (var http = HttpClient.newHttpClient()) {
      var body =
          http.send(
                  HttpRequest.newBuilder(simulator.resolve("/sim/summary")).build(),
                  BodyHandlers.ofString())
              .body();
      Installed.JSON
          .readTree(body)
          .path("by_model")
          .properties()
          .forEach(entry -> calls.put(entry.getKey(), entry.getValue().path("calls").asInt()));
    }
    return calls;
  }

  /** Charges in nano-USD by model; every request has settled when this returns. */
  private static Map<String, Long> charges(Node node, List<Cell> cells) {
    var kafka = node.platform().kafka().settings();
    var settings = new HashMap<String, Object>(kafka.client());
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    settings.put("group.id", "fault-matrix");
    settings.put("auto.offset.reset", "earliest");
    settings.put("isolation.level", "read_committed");
    settings.put("key.deserializer", StringDeserializer.class);
    settings.put("value.deserializer", KafkaAvroDeserializer.class);
    settings.put("schema.registry.url", kafka.registryUrl());
    var charges = new TreeMap<String, Long>();
    try (var consumer = new KafkaConsumer<String, GenericRecord>(settings)) {
      consumer.subscribe(List.of("penstock.usage"));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                  charges.merge(
                      record.value().get("model").toString(),
                      (long) record.value().get("charge_nano_usd"),
                      Long::sum);
                }
                return charges.size() >= cells.size();
              });
    }
    return charges;
  }

  private static String page(
      List<Cell> cells,
      Map<Cell, Outcome> outcomes,
      Map<String, Long> charges,
      Map<String, Integer> firstCalls,
      Map<String, Integer> secondCalls) {
    var page =
        new StringBuilder(
            """
            # Failover

            What a caller gets when a provider fails. **Generated by `FaultMatrixTest`** from a real run: calls are counted by the
            providers' own logs. One target: the failing provider alone; two: a healthy one behind it. At most %d attempts; %d s to the
            first byte. With two targets every answer comes within %d s of the request (waits that a provider asks for excepted).
            "Charged" is what the organisation owes; what failed calls cost is recorded beside it.

            | The first provider | Request | Targets | The caller gets | Calls to the first | Calls to the second | Charged |
            | --- | --- | --- | --- | --- | --- | --- |
            """
                .formatted(ATTEMPTS_MAX, FIRST_BYTE.toSeconds(), FIRST_BYTE.toSeconds() + 3));
    for (var cell : cells) {
      var charge = charges.getOrDefault(cell.model(), 0L);
      page.append(
          "| %s | %s | %d | %s | %s | %s | %s |%n"
              .formatted(
                  cell.failure().name(),
                  cell.mode().words,
                  cell.targets(),
                  requireNonNull(outcomes.get(cell)).answer(),
                  cell.failure().fault() == null
                      ? "none arrives"
                      : firstCalls.getOrDefault(cell.upstreamFault(), 0),
                  cell.targets() == 1 ? "" : secondCalls.getOrDefault(cell.model(), 0),
                  charge == 0 ? "no" : "once"));
    }
    return page.toString();
  }

  private static String key(Node node) throws IOException, InterruptedException {
    try (var admin = new ApiClient(node.url(), node.adminKey())) {
      return admin.createKey("test", "alpha");
    }
  }

  /** Silence and absence are remembered of a pool: such cells get pools of their own. */
  private static String catalog(List<Cell> cells, URI faulty, URI healthy) throws IOException {
    int closed;
    try (var socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    var catalog = new StringBuilder("organizations: [{id: alpha, name: Alpha}]\npools:\n");
    var timeouts =
        "concurrency: 256, timeouts: {connect: 1s, first-byte: %ds, idle: 2s, total: 20s}"
            .formatted(FIRST_BYTE.toSeconds());
    for (var pool :
        Map.of(
                "first", faulty + "/v1",
                "silent", faulty + "/v1",
                "limited", faulty + "/v1",
                "second", healthy + "/v1",
                "absent", "http://127.0.0.1:" + closed + "/v1")
            .entrySet()) {
      catalog.append(
          "  - {name: %s, dialect: openai, base-url: \"%s\", %s}\n"
              .formatted(pool.getKey(), pool.getValue(), timeouts));
    }
    catalog.append(
        "models:\n  - {name: plain, targets: [{pool: second, model: plain, price: p}]}\n");
    for (var cell : cells) {
      var policy = cell.failure().policy();
      catalog
          .append("  - name: ")
          .append(cell.model())
          .append("\n    attempts-max: ")
          .append(ATTEMPTS_MAX)
          .append('\n');
      if (!policy.isEmpty()) {
        catalog.append("    policy: {").append(policy).append("}\n");
      }
      catalog.append(
          "    targets:\n      - {pool: %s, model: \"%s\", price: p}\n"
              .formatted(pool(cell.failure()), cell.upstreamFault()));
      if (cell.targets() == 2) {
        catalog.append("      - {pool: second, model: \"%s\", price: p}\n".formatted(cell.model()));
      }
    }
    return catalog
        .append(
            "prices:\n  - {name: p, lines: {input_uncached: \"0.15\", output_text: \"0.60\"}}\n")
        .toString();
  }

  private static String pool(Failure failure) {
    return switch (failure.id()) {
      case "absent" -> "absent";
      case "silent", "head-only", "comments-only" -> "silent";
      // a 429 makes the whole pool wait
      case "rate429-times-2", "rate429-none-times-2", "capacity429" -> "limited";
      default -> "first";
    };
  }
}
