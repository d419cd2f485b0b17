package io.penstock.platform.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HangUpTest {

  private final SynchronousQueue<String> answers = new SynchronousQueue<>();
  private final CountDownLatch waiting = new CountDownLatch(1);
  private final CountDownLatch gone = new CountDownLatch(1);
  private final AtomicInteger falseAlarms = new AtomicInteger();
  private final WebServer server =
      Http.start(
          "127.0.0.1",
          0,
          1 << 20,
          new Health(),
          new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
          routes ->
              routes
                  .get(
                      "/wait",
                      (request, response) -> {
                        try (var _ = HangUp.watch(gone::countDown)) {
                          waiting.countDown();
                          response.send(answers.take());
                        }
                      })
                  .post(
                      "/echo",
                      (request, response) -> {
                        var body = request.content().as(String.class);
                        try (var _ = HangUp.watch(falseAlarms::incrementAndGet)) {
                          response.send(body);
                        }
                      }));

  @AfterEach
  void stop() {
    server.stop();
  }

  @Test
  void aCallerWhoClosesWhileTheHandlerWaitsIsNoticed() throws Exception {
    try (var socket = connected()) {
      send(socket, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(waiting.await(5, TimeUnit.SECONDS)).isTrue();
      assertThat(gone.getCount()).isEqualTo(1);
    }

    assertThat(gone.await(5, TimeUnit.SECONDS)).isTrue();
    answers.put("nobody reads it");
  }

  @Test
  void whatIsReadWhileTheHandlerWaitsIsTheNextRequest() throws Exception {
    try (var socket = connected()) {
      send(socket, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(waiting.await(5, TimeUnit.SECONDS)).isTrue();
      send(socket, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel");
      answers.put("first");
      assertThat(body(socket, 5)).isEqualTo("first");
      send(socket, "lo");
      assertThat(body(socket, 5)).isEqualTo("hello");
      assertThat(gone.getCount()).isEqualTo(1);
    }
  }

  @Test
  void manyRequestsOnOneConnectionAreAllAnswered() throws Exception {
    try (var socket = connected()) {
      for (int i = 0; i < 300; i++) {
        var body = "x".repeat(1 + i * 37);
        send(
            socket,
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);
        assertThat(body(socket, body.length())).isEqualTo(body);
      }
    }

    assertThat(falseAlarms).hasValue(0);
  }

  @Test
  void anIdleConnectionThatWasWatchedDoesNotHoldUpAStop() throws Exception {
    try (var socket = connected()) {
      send(socket, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
      assertThat(body(socket, 2)).isEqualTo("hi");

      var before = System.nanoTime();
      server.stop();

      assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before)).isLessThan(4);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  private Socket connected() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(5_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  /** The body of one answer, whose headers are read over. */
  private static String body(Socket socket, int length) throws IOException {
    var in = socket.getInputStream();
    var end = new StringBuilder();
    while (!end.toString().endsWith("\r\n\r\n")) {
      end.append((char) in.read());
    }
    return new String(in.readNBytes(length), US_ASCII);
  }
}
