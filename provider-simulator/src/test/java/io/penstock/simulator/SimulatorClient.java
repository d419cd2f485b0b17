package io.penstock.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The JDK's client, which knows nothing of the simulator. */
final class SimulatorClient implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final URI base;

  SimulatorClient(Simulator simulator) {
    this(simulator.uri());
  }

  SimulatorClient(URI base) {
    this.base = base;
  }

  static String chat(String model, String content) {
    return chat(model, content, "");
  }

  /** A chat body with more members, each beginning with a comma. */
  static String chat(String model, String content, String more) {
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
        .formatted(model, content, more);
  }

  HttpResponse<String> postChat(String body, String... headers) throws IOException {
    return post("/v1/chat/completions", body, headers);
  }

  HttpResponse<String> post(String path, String body, String... headers) throws IOException {
    return send(builder(path, headers).POST(BodyPublishers.ofString(body, UTF_8)).build());
  }

  HttpResponse<String> get(String path, String... headers) throws IOException {
    return send(builder(path, headers).GET().build());
  }

  HttpResponse<String> delete(String path) throws IOException {
    return send(builder(path).DELETE().build());
  }

  JsonNode getJson(String path) throws IOException {
    return json(get(path));
  }

  static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body());
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException notJson) {
      throw new AssertionError("not JSON: " + text, notJson);
    }
  }

  /**
   * The data of every event, after a check that nothing but data lines and blank lines is there.
   */
  static List<String> events(String stream) {
    if (!stream.endsWith("\n\n")) {
      throw new AssertionError("the last event is not complete");
    }
    return Stream.of(stream.split("\n\n"))
        .peek(
            event -> {
              if (!event.startsWith("data: ") || event.contains("\n")) {
                throw new AssertionError("not one data line: " + event);
              }
            })
        .map(event -> event.substring("data: ".length()))
        .toList();
  }

  private HttpRequest.Builder builder(String path, String... headers) {
    var builder =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(Duration.ofSeconds(20))
            .header("content-type", "application/json");
    return headers.length == 0 ? builder : builder.headers(headers);
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofString(UTF_8));
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
