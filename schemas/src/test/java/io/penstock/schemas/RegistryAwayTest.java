package io.penstock.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.Lane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryAwayTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
  private static final SpecificRecord RECORD =
      new CancelRequested("request-1", "acme", "nobody waits", Instant.EPOCH);

  private final Map<String, Integer> ids = new ConcurrentHashMap<>();
  private HttpServer registry;

  @BeforeEach
  void start() throws IOException {
    registry = started(0);
  }

  @AfterEach
  void stop() {
    registry.stop(0);
  }

  @Test
  void whatWasRegisteredIsWrittenAndReadWithoutTheRegistry() {
    var serdes = serdes(registry);
    serdes.register(TOPICS);
    registry.stop(0);

    var bytes = serdes.serializer().serialize(TOPICS.requests(Lane.BATCH), RECORD);

    var deserializer = serdes.deserializer(SpecificRecord.class);
    assertThat(deserializer.deserialize(TOPICS.requests(Lane.BATCH), bytes)).isEqualTo(RECORD);
  }

  @Test
  void aRegistryThatComesBackIsWaitedFor() throws Exception {
    serdes(registry).register(TOPICS);
    var port = registry.getAddress().getPort();
    var restarted = serdes(registry);
    registry.stop(0);

    var bytes =
        CompletableFuture.supplyAsync(
            () -> restarted.serializer().serialize(TOPICS.requests(Lane.BATCH), RECORD));
    assertThat(catchThrowable(() -> bytes.get(400, TimeUnit.MILLISECONDS)))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    registry = started(port);

    assertThat(bytes.get(15, TimeUnit.SECONDS)).isNotEmpty();
  }

  @Test
  void aBrokenRecordIsNotTheRegistrysFault() {
    var serdes = serdes(registry);
    serdes.register(TOPICS);

    var failure =
        catchThrowable(
            () ->
                serdes
                    .deserializer(SpecificRecord.class)
                    .deserialize(TOPICS.requests(Lane.BATCH), new byte[] {0, 0, 0, 0, 1, 2}));

    assertThat(failure).isNotNull();
    assertThat(RecordSerdes.registryAway(failure)).isFalse();
  }

  private static RecordSerdes serdes(HttpServer registry) {
    return RecordSerdes.of("http://127.0.0.1:" + registry.getAddress().getPort(), Map.of());
  }

  private HttpServer started(int port) throws IOException {
    var server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    server.start();
    return server;
  }

  /** As much of a registry as writing and reading needs: each schema has an id. */
  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    JsonNode asked = JSON.readTree(exchange.getRequestBody().readAllBytes());
    var answer = JSON.createObjectNode();
    if (path.startsWith("/schemas/ids/")) {
      var id = Integer.parseInt(path.substring("/schemas/ids/".length()));
      ids.forEach(
          (schema, known) -> {
            if (known == id) {
              answer.put("schema", schema);
            }
          });
    } else {
      var schema = asked.path("schema").asText();
      int id;
      synchronized (ids) {
        var known = ids.get(schema);
        id = known == null ? ids.size() + 1 : known;
        ids.put(schema, id);
      }
      answer.put("id", id).put("version", 1).put("schema", schema);
      answer.put("subject", path.split("/")[2]);
    }
    var bytes = answer.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
