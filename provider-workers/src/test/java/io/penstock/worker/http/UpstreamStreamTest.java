package io.penstock.worker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.worker.dialect.Headers;
import io.penstock.worker.http.BodyListener.Progress;
import io.penstock.worker.http.UpstreamResult.Answered;
import io.penstock.worker.http.UpstreamResult.Cancelled;
import io.penstock.worker.http.UpstreamResult.CutOff;
import io.penstock.worker.http.UpstreamResult.NotConnected;
import io.penstock.worker.http.UpstreamResult.OutOfTime;
import io.penstock.worker.http.UpstreamResult.Streamed;
import io.penstock.worker.http.UpstreamResult.TimedOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpstreamStreamTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(250);
  private static final Timeouts PATIENT = new Timeouts(LONG, LONG, LONG, LONG);

  private final ApacheUpstreamClient client = new ApacheUpstreamClient(100, 64 << 10, LONG);
  private final Heard heard =
      new Heard(all -> all.contains("data:") ? Progress.BEGUN : Progress.SILENT);

  @AfterEach
  void close() {
    client.close();
  }

  /** Keeps what came; a test says what it amounts to. */
  private static final class Heard implements BodyListener {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final Function<String, Progress> meaning;
    volatile String text = "";
    volatile Headers headers = Headers.NONE;

    Heard(Function<String, Progress> meaning) {
      this.meaning = meaning;
    }

    @Override
    public void head(Headers newHeaders, long headNanos) {
      headers = newHeaders;
    }

    @Override
    public Progress take(byte[] buffer, int offset, int length) {
      bytes.write(buffer, offset, length);
      text = bytes.toString(StandardCharsets.UTF_8);
      return meaning.apply(text);
    }
  }

  @Test
  void piecesComeAsTheProviderSendsThem() throws IOException {
    var second = new CountDownLatch(1);
    try (var server =
        new ScriptedServer(
            peer -> peer.head().chunk("data: 1\n\n").await(second).chunk("data: 2\n\n").end())) {
      var call = Executors.newVirtualThreadPerTaskExecutor();

      var result =
          call.submit(() -> client.stream(request(server, PATIENT), heard, new Cancellation()));
      await().until(() -> heard.text.equals("data: 1\n\n"));
      second.countDown();

      assertThat(result(result)).isInstanceOf(Streamed.class);
      assertThat(heard.text).isEqualTo("data: 1\n\ndata: 2\n\n");
      assertThat(heard.headers.value("content-type")).isEqualTo("text/event-stream");
      call.close();
    }
  }

  @Test
  void silenceBeforeTheHeadEndsAfterTheFirstByteTimeout() throws IOException {
    try (var server = new ScriptedServer(ScriptedServer.Peer::silence)) {
      var result = stream(server, firstByte(SHORT));

      assertThat(result).isInstanceOf(TimedOut.class);
    }
  }

  @Test
  void aHeadAloneDoesNotEndTheSilence() throws IOException {
    try (var server = new ScriptedServer(peer -> peer.head().silence())) {
      var result = stream(server, firstByte(SHORT));

      assertThat(result).isInstanceOf(TimedOut.class);
    }
  }

  @Test
  void commentsDoNotEndTheSilenceHoweverManyCome() throws IOException {
    try (var server = new ScriptedServer(UpstreamStreamTest::comments)) {
      var result = stream(server, firstByte(SHORT));

      assertThat(result).isInstanceOf(TimedOut.class);
      assertThat(heard.text).startsWith(": keep-alive\n\n: keep-alive");
    }
  }

  @Test
  void commentsInsideAnAnswerAreASignOfLife() throws IOException {
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.head().chunk("data: 1\n\n");
              for (int i = 0; i < 12; i++) {
                nap();
                peer.chunk(": keep-alive\n\n");
              }
              peer.chunk("data: 2\n\n").end();
            })) {
      var result = stream(server, new Timeouts(LONG, LONG, Duration.ofMillis(300), LONG));

      assertThat(result).isInstanceOf(Streamed.class);
      assertThat(heard.text).endsWith("data: 2\n\n");
    }
  }

  @Test
  void aStallInTheMiddleEndsAfterTheIdleTimeout() throws IOException {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: 1\n\n").silence())) {
      var result = stream(server, new Timeouts(LONG, LONG, SHORT, LONG));

      assertThat(result).isInstanceOf(CutOff.class);
      assertThat(((CutOff) result).message()).isEqualTo("the answer fell silent");
      await().until(() -> server.hungUp.get() == 1);
    }
  }

  @Test
  void aResetInTheMiddleIsACut() throws IOException {
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.head().chunk("data: 1\n\n");
              await().until(() -> !heard.text.isEmpty());
              peer.reset();
            })) {
      var result = stream(server, PATIENT);

      assertThat(result).isInstanceOf(CutOff.class);
      assertThat(((CutOff) result).message()).isEqualTo("the answer broke off");
      assertThat(heard.text).isEqualTo("data: 1\n\n");
    }
  }

  @Test
  void theWholeCallEndsAfterTheTotalTimeoutHoweverLivelyItIs() throws IOException {
    try (var server = new ScriptedServer(UpstreamStreamTest::comments)) {
      var result = stream(server, PATIENT.within(Duration.ofMillis(300)));

      assertThat(result).isInstanceOf(OutOfTime.class);
    }
  }

  @Test
  void jsonInAnswerIsWhole() throws IOException {
    try (var server = new ScriptedServer(peer -> peer.json("200 OK", "{\"choices\":[]}"))) {
      var result = stream(server, PATIENT);

      assertThat(result).isInstanceOf(Answered.class);
      assertThat(((Answered) result).body()).asString().isEqualTo("{\"choices\":[]}");
      assertThat(heard.text).isEmpty();
    }
  }

  @Test
  void aRefusalIsWhole() throws IOException {
    try (var server =
        new ScriptedServer(
            peer ->
                peer.raw(
                    "HTTP/1.1 503 Busy\r\ncontent-type: text/event-stream\r\ncontent-length: 4\r\n\r\nbusy"))) {
      var result = stream(server, PATIENT);

      assertThat(((Answered) result).status()).isEqualTo(503);
      assertThat(((Answered) result).body()).asString().isEqualTo("busy");
    }
  }

  @Test
  void blankLinesBeforeAWholeAnswerDoNotEndTheSilence() throws IOException {
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.raw(
                  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n");
              for (int i = 0; i < 40; i++) {
                nap();
                peer.raw("\n");
              }
            })) {
      var result = client.post(request(server, firstByte(SHORT)), new Cancellation());

      assertThat(result).isInstanceOf(TimedOut.class);
    }
  }

  @Test
  void nothingIsReadAfterTheProvidersLastWordAndTheConnectionServesAgain() throws IOException {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: [DONE]\n\n").end())) {
      var done = new Heard(all -> all.contains("[DONE]") ? Progress.COMPLETE : Progress.BEGUN);

      for (int i = 0; i < 5; i++) {
        assertThat(client.stream(request(server, PATIENT), done, new Cancellation()))
            .isInstanceOf(Streamed.class);
      }

      assertThat(client.connectionsIdle()).isEqualTo(1);
      assertThat(client.connectionsLeased()).isZero();
    }
  }

  @Test
  void aProviderThatKeepsTheConnectionOpenAfterItsLastWordHoldsUpNobody() throws IOException {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: [DONE]\n\n").silence())) {
      var done = new Heard(all -> all.contains("[DONE]") ? Progress.COMPLETE : Progress.BEGUN);
      var began = System.nanoTime();

      var result = client.stream(request(server, PATIENT), done, new Cancellation());

      assertThat(result).isInstanceOf(Streamed.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void whoHasHadEnoughHangsUp() throws IOException {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: 1\n\n").silence())) {
      var result =
          client.stream(
              request(server, PATIENT), new Heard(_ -> Progress.ENOUGH), new Cancellation());

      assertThat(result).isInstanceOf(Streamed.class);
      await().until(() -> server.hungUp.get() == 1);
    }
  }

  @Test
  void aSlowReaderHoldsUpTheProviderAndIsNotTakenForItsSilence() throws Exception {
    var sent = new AtomicLong();
    var goOn = new CountDownLatch(1);
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.head();
              var piece =
                  ("data: " + "x".repeat(100_000) + "\n\n").getBytes(StandardCharsets.UTF_8);
              for (int i = 0; i < 200; i++) {
                peer.chunk(piece);
                sent.addAndGet(piece.length);
              }
              peer.end();
            })) {
      var total = new AtomicLong();
      var slow =
          new BodyListener() {
            @Override
            public void head(Headers headers, long headNanos) {}

            @Override
            public Progress take(byte[] buffer, int offset, int length) {
              total.addAndGet(length);
              try {
                goOn.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return Progress.BEGUN;
            }
          };
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var result =
            threads.submit(
                () ->
                    client.stream(
                        request(server, new Timeouts(LONG, LONG, SHORT, LONG)),
                        slow,
                        new Cancellation()));
        // three idle timeouts pass while the reader does not read
        await().during(SHORT.multipliedBy(3)).atMost(LONG).until(() -> sent.get() < 20_000_000L);
        goOn.countDown();

        assertThat(result.get(20, TimeUnit.SECONDS)).isInstanceOf(Streamed.class);
        assertThat(total.get()).isEqualTo(200 * 100_008L);
      }
    }
  }

  @Test
  void aCancelledCallEndsAtOnceAndItsConnectionIsClosed() throws Exception {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: 1\n\n").silence());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var cancellation = new Cancellation();
      var result =
          threads.submit(() -> client.stream(request(server, PATIENT), heard, cancellation));
      await().until(() -> !heard.text.isEmpty());

      cancellation.cancel();

      assertThat(result.get(1, TimeUnit.SECONDS)).isInstanceOf(Cancelled.class);
      await().atMost(Duration.ofSeconds(1)).until(() -> server.hungUp.get() == 1);
    }
  }

  @Test
  void aCancelledPostEndsAtOnce() throws Exception {
    try (var server = new ScriptedServer(ScriptedServer.Peer::silence);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var cancellation = new Cancellation();
      var result = threads.submit(() -> client.post(request(server, PATIENT), cancellation));
      await().until(() -> server.requests.get() == 1);

      cancellation.cancel();

      assertThat(result.get(1, TimeUnit.SECONDS)).isInstanceOf(Cancelled.class);
      await().atMost(Duration.ofSeconds(1)).until(() -> server.hungUp.get() == 1);
    }
  }

  @Test
  void whatWasCancelledBeforeItBeganIsNotSent() throws IOException {
    try (var server = new ScriptedServer(peer -> peer.json("200 OK", "{}"))) {
      var cancellation = new Cancellation();
      cancellation.cancel();

      var result = client.stream(request(server, PATIENT), heard, cancellation);

      assertThat(result).isInstanceOf(Cancelled.class);
      assertThat(server.requests).hasValue(0);
    }
  }

  @Test
  void aFailureOfTheListenerIsNotMistakenForOneOfTheProvider() throws IOException {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: 1\n\n").silence())) {
      var bad =
          new Heard(
              _ -> {
                throw new IllegalStateException("a mistake");
              });

      assertThatThrownBy(() -> client.stream(request(server, PATIENT), bad, new Cancellation()))
          .hasMessage("a mistake");
      assertThat(client.connectionsLeased()).isZero();
    }
  }

  @Test
  void whoDoesNotListenWasNotCalled() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    var result =
        client.stream(
            request(URI.create("http://127.0.0.1:" + port + "/"), PATIENT),
            heard,
            new Cancellation());

    assertThat(result).isInstanceOf(NotConnected.class);
  }

  private static void comments(ScriptedServer.Peer peer) throws IOException {
    peer.head();
    for (int i = 0; i < 200; i++) {
      peer.chunk(": keep-alive\n\n");
      nap();
    }
  }

  /** A provider's pause, as part of its script. */
  private static void nap() {
    java.util.concurrent.locks.LockSupport.parkNanos(50_000_000L);
  }

  private static UpstreamResult result(java.util.concurrent.Future<UpstreamResult> future) {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private UpstreamResult stream(ScriptedServer server, Timeouts timeouts) {
    return client.stream(request(server, timeouts), heard, new Cancellation());
  }

  private static Timeouts firstByte(Duration limit) {
    return new Timeouts(Duration.ZERO, limit, LONG, LONG);
  }

  private static UpstreamRequest request(ScriptedServer server, Timeouts timeouts) {
    return request(server.uri(), timeouts);
  }

  private static UpstreamRequest request(URI uri, Timeouts timeouts) {
    return new UpstreamRequest(uri, Map.of(), new byte[] {'{', '}'}, timeouts);
  }
}
