package io.penstock.standalone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchWatchTest {

  private final StringWriter shown = new StringWriter();
  private final AtomicInteger asked = new AtomicInteger();
  private final HttpServer server = HttpServer.create();

  BatchWatchTest() throws IOException {}

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aServerThatIsBeingRestartedIsWaitedFor() throws Exception {
    var uri = answers("200 running", "503 {}", "cut", "200 running", "200 completed");

    var batch = watch(uri, Duration.ofSeconds(30)).toEnd("b");

    assertThat(batch.path("status").asText()).isEqualTo("completed");
    assertThat(asked).hasValue(5);
  }

  @Test
  void aRefusalEndsItAtOnce() throws Exception {
    var uri = answers("404 {\"error\":{\"message\":\"no such batch\",\"code\":\"not_found\"}}");

    assertThatThrownBy(() -> watch(uri, Duration.ofSeconds(30)).toEnd("b"))
        .hasMessage("no such batch (404 not_found)");
    assertThat(asked).hasValue(1);
  }

  @Test
  void patienceEnds() throws Exception {
    var uri = answers("200 running");
    server.stop(0);

    assertThatThrownBy(() -> watch(uri, Duration.ZERO).toEnd("b"))
        .hasMessageStartingWith("nothing answers at");
  }

  private BatchWatch watch(URI uri, Duration patience) {
    return new BatchWatch(
        new ApiClient(uri, "key"),
        new ProgressBar(new PrintWriter(shown)),
        Duration.ofMillis(1),
        patience);
  }

  /** A server that gives these answers, one after the other. */
  private URI answers(String... answers) throws IOException {
    var left = List.of(answers).iterator();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          var answer = left.next();
          if (answer.equals("cut")) {
            exchange.close();
            return;
          }
          var text = answer.substring(4);
          var body =
              (text.startsWith("{") ? text : "{\"status\":\"" + text + "\"}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), body.length);
          try (var out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }
}
