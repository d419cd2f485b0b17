package io.penstock.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.WebServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
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
            routes -> routes.get("/own", (request, response) -> response.send("own\n")));
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
