package io.penstock.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.platform.Platform;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.client.BatchWatch;
import io.penstock.standalone.node.Node;
import io.penstock.standalone.node.NodeConfig;
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
import java.util.Map;

/** A Penstock with two organisations and one simulated provider, for one test class. */
final class Installed implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();

  private final Simulator simulator;
  private final Node node;
  private final HttpClient http = HttpClient.newHttpClient();

  private Installed(Simulator simulator, Node node) {
    this.simulator = simulator;
    this.node = node;
  }

  static Installed start(Path directory, SimulatorConfig config)
      throws IOException, InterruptedException {
    var simulator = Simulator.start(config.withModels(List.of("upstream")), "127.0.0.1", 0);
    return new Installed(
        simulator,
        Node.start(new NodeConfig(directory.resolve("data"), 0, catalog(simulator.uri()), null)));
  }

  static String catalog(URI provider) {
    return """
        organizations: [{id: alpha, name: Alpha}, {id: beta, name: Beta}]
        pools:
          - {name: provider, provider: simulated, dialect: openai, base-url: "%s/v1", concurrency: 256, timeouts: {connect: 2s, first-byte: 5s, idle: 5s, total: 20s}}
        models:
          - name: fast
            attempts-max: 8
            targets: [{pool: provider, model: upstream, price: upstream}]
          - name: unpriced
            targets: [{pool: provider, model: upstream, price: upstream}]
        prices:
          - {name: upstream, lines: {input_uncached: "0.15", output_text: "0.60"}}
        budgets:
          - {id: alpha, organization: alpha, scope: organization, limit: "1000", window: lifetime}
        """
        .formatted(provider);
  }

  /**
   * What another process on the same log would have: its own place in the groups, its own stores
   * and metrics.
   *
   * @param streams where its stores are
   */
  static Platform beside(Node node, String name, Path streams) {
    var shared = node.platform();
    return new Platform(
        name,
        name + "-1",
        shared.kafka(),
        shared.catalog(),
        shared.apiKeys(),
        shared.blobs(),
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
        streams);
  }

  Simulator simulator() {
    return simulator;
  }

  Node node() {
    return node;
  }

  URI url() {
    return node.url();
  }

  /** Makes a key for an organisation and gives its secret. */
  String key(String organization) throws IOException, InterruptedException {
    try (var admin = new ApiClient(node.url(), node.adminKey())) {
      return admin.createKey("test", organization);
    }
  }

  /** Writes a batch file of so many lines for model {@code fast}. */
  static Path lines(Path file, int count) throws IOException {
    try (var out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < count; i++) {
        out.write(
            "{\"custom_id\":\"line-%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"Count to %d.\"}],\"max_tokens\":32}}\n"
                .formatted(i, i));
      }
    }
    return file;
  }

  /** Follows a batch to its end. */
  static JsonNode ended(ApiClient client, String batch, Duration most)
      throws IOException, InterruptedException {
    var deadline = System.nanoTime() + most.toNanos();
    while (true) {
      var now = client.batch(batch);
      if (BatchWatch.ended(now)) {
        return now;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the batch did not end in " + most + ": " + now);
      }
      Thread.sleep(50);
    }
  }

  HttpResponse<String> post(String path, String key, String contentType, byte[] body)
      throws IOException, InterruptedException {
    return post(path, key, contentType, body, Map.of());
  }

  HttpResponse<String> delete(String path, String key) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(node.url().resolve(path))
            .header("Authorization", "Bearer " + key)
            .DELETE()
            .build(),
        BodyHandlers.ofString());
  }

  HttpResponse<String> post(
      String path, String key, String contentType, byte[] body, Map<String, String> headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(node.url().resolve(path))
            .header("Content-Type", contentType)
            .POST(BodyPublishers.ofByteArray(body));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    headers.forEach(request::header);
    return http.send(request.build(), BodyHandlers.ofString());
  }

  @Override
  public void close() {
    http.close();
    node.close();
    simulator.close();
  }
}
