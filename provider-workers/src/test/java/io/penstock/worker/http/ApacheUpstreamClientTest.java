package io.penstock.worker.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.worker.http.UpstreamResult.Answered;
import io.penstock.worker.http.UpstreamResult.CutOff;
import io.penstock.worker.http.UpstreamResult.NotConnected;
import io.penstock.worker.http.UpstreamResult.OutOfTime;
import io.penstock.worker.http.UpstreamResult.TimedOut;
import io.penstock.worker.http.UpstreamResult.TooLarge;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ApacheUpstreamClientTest {

  private static final Timeouts PATIENT =
      new Timeouts(
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20));

  private final ApacheUpstreamClient client =
      new ApacheUpstreamClient(100, 64 << 10, Duration.ofSeconds(2));

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void anAnswerComesWithStatusHeadersAndBody() {
    try (var simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0)) {
      var result = post(request(simulator, "m", PATIENT));

      assertThat(result).isInstanceOf(Answered.class);
      var answered = (Answered) result;
      assertThat(answered.status()).isEqualTo(200);
      assertThat(answered.headers().value("content-type")).startsWith("application/json");
      assertThat(answered.headers().value("x-request-id")).isNotNull();
      assertThat(new String(answered.body(), StandardCharsets.UTF_8)).contains("\"choices\"");
    }
  }

  @Test
  void refusalsKeepTheirBodies() {
    try (var simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0)) {
      var result = post(request(simulator, "sim-429", PATIENT));

      assertThat(result).isInstanceOf(Answered.class);
      assertThat(((Answered) result).status()).isEqualTo(429);
      assertThat(((Answered) result).headers().value("retry-after")).isNotNull();
      assertThat(((Answered) result).body()).isNotEmpty();
    }
  }

  @Test
  void aBrokenConnectionIsOneCallAndNotTwo() {
    try (var simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0)) {
      post(request(simulator, "m", PATIENT));

      var reset = post(request(simulator, "sim-reset", PATIENT));
      var truncated = post(request(simulator, "sim-truncated", PATIENT));

      assertThat(reset).isInstanceOf(CutOff.class);
      assertThat(truncated).isInstanceOf(CutOff.class);
      assertThat(((CutOff) truncated).status()).isEqualTo(200);
      assertThat(((CutOff) truncated).part()).isNotEmpty();
      assertThat(simulator.log().summary().calls()).isEqualTo(3);
    }
  }

  @Test
  void whoDoesNotListenWasNotCalled() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    var result = post(request(URI.create("http://127.0.0.1:" + port + "/"), PATIENT));

    assertThat(result).isInstanceOf(NotConnected.class);
  }

  @Test
  void aHostThatDoesNotExistWasNotCalled() {
    var result = post(request(URI.create("http://nowhere.invalid/"), PATIENT));

    assertThat(result).isInstanceOf(NotConnected.class);
  }

  @Test
  void silenceBeforeTheAnswerEndsAfterTheFirstByteTimeout() {
    var config = SimulatorConfig.standard().withLatency(new Latency.Fixed(Duration.ofSeconds(8)));
    try (var simulator = Simulator.start(config, "127.0.0.1", 0)) {
      var began = System.nanoTime();

      var result =
          post(
              request(
                  simulator,
                  "m",
                  new Timeouts(
                      Duration.ofSeconds(8),
                      Duration.ofMillis(200),
                      Duration.ofSeconds(9),
                      Duration.ofSeconds(9))));

      assertThat(result).isInstanceOf(TimedOut.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void theWholeCallEndsAfterTheTotalTimeout() {
    var config = SimulatorConfig.standard().withLatency(new Latency.Fixed(Duration.ofSeconds(8)));
    try (var simulator = Simulator.start(config, "127.0.0.1", 0)) {
      var result = post(request(simulator, "m", PATIENT.within(Duration.ofMillis(300))));

      assertThat(result).isInstanceOf(OutOfTime.class);
    }
  }

  @Test
  void silenceInsideTheAnswerEndsAfterTheIdleTimeout() throws IOException {
    try (var server =
        new OneShotServer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":")) {
      var timeouts =
          new Timeouts(
              Duration.ofSeconds(5),
              Duration.ofSeconds(5),
              Duration.ofMillis(200),
              Duration.ofSeconds(9));

      var result = post(request(server.uri(), timeouts));

      assertThat(result).isInstanceOf(CutOff.class);
      assertThat(((CutOff) result).message()).isEqualTo("the answer fell silent");
      assertThat(new String(((CutOff) result).part(), StandardCharsets.UTF_8))
          .isEqualTo("{\"half\":");
    }
  }

  @Test
  void anAnswerLargerThanAllowedIsNotKept() throws IOException {
    var body = "x".repeat(70_000);
    try (var server =
        new OneShotServer("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + body)) {
      var result = post(request(server.uri(), PATIENT));

      assertThat(result).isInstanceOf(TooLarge.class);
    }
  }

  @Test
  void aLargeAnswerThatFindsNoMemoryEndsWithItsTime() throws IOException {
    var body = "x".repeat(300_000);
    try (var server =
            new OneShotServer("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body);
        var large = new ApacheUpstreamClient(1, 1 << 20, Duration.ofSeconds(2))) {
      var timeouts =
          new Timeouts(
              Duration.ofSeconds(5),
              Duration.ofSeconds(5),
              Duration.ofMillis(50),
              Duration.ofMillis(600));
      var without =
          new UpstreamRequest(
              server.uri(), Map.of(), new byte[] {'{', '}'}, timeouts, (_, over) -> waited(over));
      var with = request(server.uri(), PATIENT);

      assertThat(large.post(without, new Cancellation()))
          .as("the silence is ours, so the idle limit does not end it")
          .isInstanceOf(OutOfTime.class);
      assertThat(large.post(with, new Cancellation())).isInstanceOf(Answered.class);
    }
  }

  private static boolean waited(BooleanSupplier over) {
    org.awaitility.Awaitility.await().until(over::getAsBoolean);
    return false;
  }

  @Test
  void connectionsAreReused() {
    try (var simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0)) {
      for (int i = 0; i < 50; i++) {
        assertThat(post(request(simulator, "m", PATIENT))).isInstanceOf(Answered.class);
      }
    }
    assertThat(client.connectionsLeased()).isZero();
    assertThat(client.connectionsIdle()).isLessThanOrEqualTo(1);
  }

  private UpstreamResult post(UpstreamRequest request) {
    return client.post(request, new Cancellation());
  }

  private static UpstreamRequest request(Simulator simulator, String model, Timeouts timeouts) {
    var body =
        "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    return new UpstreamRequest(
        URI.create(simulator.uri() + "/v1/chat/completions"),
        Map.of("x-penstock-request-id", model),
        body.getBytes(StandardCharsets.UTF_8),
        timeouts);
  }

  private static UpstreamRequest request(URI uri, Timeouts timeouts) {
    return new UpstreamRequest(uri, Map.of(), new byte[] {'{', '}'}, timeouts);
  }

  /** Answers every connection with the same bytes and then says nothing more. */
  private static final class OneShotServer implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final AtomicInteger served = new AtomicInteger();

    OneShotServer(String answer) throws IOException {
      Thread.ofVirtual()
          .start(
              () -> {
                while (!socket.isClosed()) {
                  try {
                    var connection = socket.accept();
                    var read = connection.getInputStream().read(new byte[4096]);
                    connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    served.addAndGet(read);
                  } catch (IOException e) {
                    return;
                  }
                }
              });
    }

    URI uri() {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
