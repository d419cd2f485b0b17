package io.penstock.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LostAnswerTest {

  /** A registry was seen to lose a request: without a limit its caller waits for minutes. */
  @Test
  void aRegistryThatDoesNotAnswerIsAskedAgainSoon() throws Exception {
    var asked = new AtomicInteger();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (var threads = Executors.newCachedThreadPool()) {
      server.setExecutor(threads);
      server.createContext(
          "/",
          exchange -> {
            if (asked.incrementAndGet() == 1) {
              return;
            }
            var body = "[\"ledger-value\"]".getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
              out.write(body);
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      server.start();
      var serdes =
          RecordSerdes.of(
              "http://127.0.0.1:" + server.getAddress().getPort(),
              Map.of("schema.registry.http.read.timeout.ms", "200"));

      assertThat(serdes.client().getAllSubjects()).containsExactly("ledger-value");
      assertThat(asked).hasValue(2);
    } finally {
      server.stop(0);
    }
  }
}
