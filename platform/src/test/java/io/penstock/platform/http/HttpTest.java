package io.penstock.platform.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.WebServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HttpTest {

  private final AtomicBoolean log = new AtomicBoolean();
  private final AtomicBoolean store = new AtomicBoolean();
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpClient client = HttpClient.newHttpClient();
  private WebServer server;

  @SuppressWarnings("NullAway.Init")
  HttpTest() {}

  @BeforeEach
  void start() {
    var health = new Health();
    health.require("log", log::get);
    health.require("store", store::get);
    metrics.counter("penstock.test.calls").increment();
    server =
        Http.start(
            "127.0.0.1",
            0,
            1024,
            health,
            metrics,
            (status, path, message) -> (status + " " + path + ": " + message).getBytes(UTF_8),
            routes -> {
              routes.get("/own", (request, response) -> response.send("own\n"));
              routes.post(
                  "/own", (request, response) -> response.send(request.content().as(String.class)));
            });
  }

  @AfterEach
  void stop() {
    server.stop();
    client.close();
  }

  private HttpResponse<String> ask(String path) throws Exception {
    var uri = URI.create("http://127.0.0.1:" + server.port() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aServiceIsAliveFromItsStart() throws Exception {
    assertThat(ask("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void aServiceIsReadyWhenAllItNeedsIsThereAndElseSaysWhatIsMissing() throws Exception {
    var waiting = ask("/health/ready");
    log.set(true);
    var nearly = ask("/health/ready");
    store.set(true);
    var ready = ask("/health/ready");

    assertThat(waiting.statusCode()).isEqualTo(503);
    assertThat(waiting.body()).isEqualTo("waiting for log, store\n");
    assertThat(nearly.body()).isEqualTo("waiting for store\n");
    assertThat(ready.statusCode()).isEqualTo(200);
  }

  @Test
  void metricsAreThereForPrometheus() throws Exception {
    var answer = ask("/metrics");

    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(answer.body()).contains("penstock_test_calls_total 1.0");
  }

  @Test
  void ownRoutesAreServedBesideThem() throws Exception {
    assertThat(ask("/own").body()).isEqualTo("own\n");
  }

  /** What comes back until the server closes the connection. */
  private String raw(String request) throws IOException {
    try (var socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @Test
  void aCallerOfTheOldProtocolIsServedAndItsConnectionClosed() throws Exception {
    assertThat(raw("GET /own HTTP/1.0\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .containsIgnoringCase("connection: close")
        .endsWith("\r\n\r\nown\n");
    assertThat(
            raw(
                "POST /own HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .endsWith("\r\n\r\nabc");
  }

  @Test
  void aConnectionThatTheCallerWantsClosedIsClosedAfterTheAnswer() throws Exception {
    assertThat(
            raw(
                "POST /own HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .endsWith("\r\n\r\nabc");
  }

  @Test
  void whatCannotBeReadIsAnsweredInWords() throws Exception {
    assertThat(raw("GET /own HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(40_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 4")
        .containsIgnoringCase("content-type: application/json")
        .contains("\r\n\r\n4");
    assertThat(raw("GET /own?" + "a".repeat(40_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 414")
        .endsWith("414 : Request URI too long.");
    assertThat(raw("something else\r\n\r\n")).startsWith("HTTP/1.1 400");
  }

  @Test
  void anEncodingThatNobodyReadsIsNamed() throws Exception {
    assertThat(
            raw(
                "POST /own HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"))
        .startsWith("HTTP/1.1 415")
        .endsWith("415 /own: Compressed bodies are not accepted: send without Content-Encoding.");
  }

  @Test
  void aTakenPortIsToldInOneLineWithTheWayOut() {
    var port = server.port();

    assertThatThrownBy(
            () -> Http.start("127.0.0.1", port, 1024, new Health(), metrics, routes -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "port %d on 127.0.0.1 is taken: stop what listens there, or choose another with --port"
                .formatted(port));
  }

  @Test
  void anAddressOfAnotherMachineIsNotTakenForATakenPort() {
    assertThatThrownBy(() -> Http.start("192.0.2.1", 0, 1024, new Health(), metrics, routes -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("nothing can listen on port 0 of 192.0.2.1: ");
  }
}
