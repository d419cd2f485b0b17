package io.penstock.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingress.testing.Catalogs;
import io.penstock.ingress.testing.TestServer;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.ConsideredTarget;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.RateLimitStatus;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.ReplyHead;
import io.penstock.schemas.avro.RouteExplanation;
import io.penstock.schemas.avro.RoutePreferences;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams without a broker: what pieces turn into, and what callers who misbehave cause. */
final class StreamAnswersTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant STARTED = Instant.parse("2026-11-21T00:00:00Z");
  private static final Duration KEEP_ALIVE = Duration.ofMillis(150);
  private static final Duration STALL_MAX = Duration.ofMillis(400);
  private static final int BUFFER_BYTES_MAX = 8 << 20;
  private static final String CHAT = "/v1/chat/completions";
  private static final String RESPONSES = "/v1/responses";
  private static final String MESSAGES = "/v1/messages";
  private static final String STREAM =
      "{\"model\":\"fast\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private final MockProducer<String, SpecificRecord> producer =
      new MockProducer<>(
          true, null, new StringSerializer(), RecordSerdes.inMemory("streams").serializer());
  private final Waiters waiters = new Waiters();
  private final OpenRequests open = new OpenRequests(10, 1 << 20);
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final StreamAnswers streams;
  private final TestServer server;

  StreamAnswersTest(@TempDir Path directory) throws IOException {
    var blobs = new LocalBlobStore(directory);
    var catalog = Catalogs.catalog();
    var log =
        new RequestLog(
            producer,
            new Topics(Topics.DEFAULT_PREFIX),
            new ReplyAddress("instance", 3),
            Clock.systemUTC());
    var whole = new WholeAnswers(log, waiters, blobs);
    streams =
        new StreamAnswers(
            log,
            waiters,
            whole,
            blobs,
            new StreamLimits(BUFFER_BYTES_MAX, 2L * BUFFER_BYTES_MAX, STALL_MAX, KEEP_ALIVE));
    var inference =
        new Inference(
            () -> catalog, open, DiskReserve.NONE, whole, streams, 600_000, Duration.ofSeconds(30));
    server =
        TestServer.start(
            Clock.systemUTC(),
            (routing, routes) -> {
              routing.post(CHAT, routes.secured(inference.on(Surface.OPENAI_CHAT)));
              routing.post(RESPONSES, routes.secured(inference.on(Surface.OPENAI_RESPONSES)));
              routing.post(MESSAGES, routes.secured(inference.on(Surface.ANTHROPIC_MESSAGES)));
              Surfaces.refuseCounts(routing, routes);
              routing.any(MESSAGES, routes.methodNotAllowed("POST"));
            });
  }

  @AfterEach
  void stop() {
    server.close();
    streams.close();
    callers.close();
  }

  @Test
  void piecesReachTheCallerAsTheyComeInOrderAndOnce() throws Exception {
    var call = chat();
    var id = requested().getRequestId();
    waiters.piece(piece(id, 1, "data: b\n\n"));
    waiters.piece(piece(id, 0, "data: a\n\n"));
    var response = call.get();
    var body = response.body();

    assertThat(read(body, 18)).isEqualTo("data: a\n\ndata: b\n\n");
    waiters.piece(piece(id, 1, "data: b\n\n"));
    waiters.answer(end(id, 3));
    waiters.piece(piece(id, 2, "data: [DONE]\n\n"));
    assertThat(new String(body.readAllBytes(), UTF_8)).isEqualTo("data: [DONE]\n\n");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream");
    assertThat(response.headers().firstValue("cache-control")).hasValue("no-cache");
    assertThat(response.headers().firstValue("x-accel-buffering")).hasValue("no");
    assertThat(response.headers().firstValue("x-penstock-pool")).hasValue("pool-a");
    assertThat(response.headers().firstValue("x-penstock-model")).hasValue("model-a");
    assertThat(response.headers().firstValue("x-penstock-warnings")).hasValue("seed, top_k");
    assertThat(JSON.readTree(response.headers().firstValue("x-penstock-route").orElse("")))
        .isEqualTo(
            JSON.readTree(
                "{\"model\":\"fast\",\"strategy\":\"priority\",\"considered\":[{\"pool\":\"pool-a\","
                    + "\"upstream_model\":\"model-a\",\"verdict\":\"chosen\",\"reason\":\"h\u00e9\"}]}"));
    assertThat(requested().getFacts().getStream()).isTrue();
    assertThat(producer.history()).hasSize(1);
    await().until(() -> open.count() == 0 && waiters.count() == 0 && streams.waitingBytes() == 0);
  }

  @Test
  void aFailureBeforeTheFirstPieceIsAnOrdinaryError() throws Exception {
    var call = chat();
    waiters.answer(error(requested().getRequestId(), 503, "provider_overloaded"));

    var response = call.get();

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(text(response)).contains("provider_overloaded");
  }

  @Test
  void nothingIsWrittenBeforeTheFirstPieceHoweverLongItTakes() throws Exception {
    var response =
        post(CHAT, body("\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"), "0.5").get();

    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(text(response)).contains("deadline_exceeded").doesNotContain("keep-alive");
    assertThat(cancelled()).contains("time ran out");
  }

  @Test
  void silenceIsFilledWithComments() throws Exception {
    var call = chat();
    var id = requested().getRequestId();
    waiters.piece(piece(id, 0, "data: a\n\n"));
    var body = call.get().body();

    assertThat(read(body, 37)).isEqualTo("data: a\n\n: keep-alive\n\n: keep-alive\n\n");
    waiters.piece(piece(id, 1, "data: [DONE]\n\n"));
    waiters.answer(end(id, 2));
    assertThat(new String(body.readAllBytes(), UTF_8)).endsWith("data: [DONE]\n\n");
  }

  @Test
  void aFailureAfterPiecesEndsAChatWithAnErrorFrame() throws Exception {
    var call = chat();
    var id = requested().getRequestId();
    waiters.piece(piece(id, 0, "data: a\n\n"));
    waiters.answer(error(id, 502, "provider_error"));

    var frames = text(call.get()).split("\n\n", -1);

    assertThat(frames).hasSize(4);
    assertThat(data(frames[1]).at("/error/code").asText()).isEqualTo("provider_error");
    assertThat(frames[2]).isEqualTo("data: [DONE]");
  }

  @Test
  void aFailureAfterPiecesEndsMessagesWithAnErrorEvent() throws Exception {
    var call =
        post(
            MESSAGES,
            body("\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"),
            "20");
    var id = requested().getRequestId();
    waiters.piece(piece(id, 0, "event: message_start\ndata: {}\n\n"));
    waiters.answer(error(id, 503, "provider_overloaded"));

    var frames = text(call.get()).split("\n\n", -1);

    assertThat(frames).hasSize(3);
    assertThat(frames[1]).startsWith("event: error\n");
    assertThat(data(frames[1]).path("type").asText()).isEqualTo("error");
    assertThat(data(frames[1]).at("/error/type").asText()).isEqualTo("overloaded_error");
    assertThat(data(frames[1]).path("request_id").asText()).isEqualTo(id);
  }

  @Test
  void aFailureAfterPiecesEndsResponsesWithAFailedResponse() throws Exception {
    var call = post(RESPONSES, body("\"input\":\"hi\""), "20");
    var id = requested().getRequestId();
    waiters.piece(
        piece(
            id,
            0,
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\","
                + "\"status\":\"in_progress\"},\"sequence_number\":0}\n\n"
                + "event: response.in_progress\ndata: {\"sequence_number\":1}\n\n"));
    waiters.answer(error(id, 502, "provider_error"));

    var frames = text(call.get()).split("\n\n", -1);

    assertThat(frames).hasSize(5);
    assertThat(frames[2]).startsWith("event: error\n");
    assertThat(data(frames[2]).path("code").asText()).isEqualTo("provider_error");
    assertThat(data(frames[2]).path("sequence_number").asInt()).isEqualTo(2);
    assertThat(frames[3]).startsWith("event: response.failed\n");
    var failed = data(frames[3]);
    assertThat(failed.path("sequence_number").asInt()).isEqualTo(3);
    assertThat(failed.at("/response/id").asText()).isEqualTo("resp_1");
    assertThat(failed.at("/response/status").asText()).isEqualTo("failed");
    assertThat(failed.at("/response/error/code").asText()).isEqualTo("provider_error");
  }

  @Test
  void aDeadlineInTheMiddleEndsTheStreamWithAnErrorAndCancels() throws Exception {
    var call = post(CHAT, body("\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"), "0.5");
    waiters.piece(piece(requested().getRequestId(), 0, "data: a\n\n"));

    assertThat(text(call.get())).contains("deadline_exceeded").endsWith("data: [DONE]\n\n");
    assertThat(cancelled()).contains("time ran out");
  }

  @Test
  void aCallMadeAnewAfterPiecesEndsTheStreamWithAnErrorAndCancels() throws Exception {
    var call = chat();
    var id = requested().getRequestId();
    waiters.piece(piece(id, 0, "data: a\n\n"));
    var again = piece(id, 0, "data: A\n\n");
    again.setStartedAt(STARTED.plusSeconds(5));
    waiters.piece(again);

    assertThat(text(call.get()))
        .startsWith("data: a\n\n")
        .doesNotContain("data: A")
        .contains("internal_error")
        .endsWith("data: [DONE]\n\n");
    assertThat(cancelled()).contains("twice");
  }

  @Test
  void aCallerWhoHangsUpCancelsTheRequest() throws Exception {
    try (var socket = connected(CHAT)) {
      waiters.piece(piece(requested().getRequestId(), 0, "data: a\n\n"));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
    }

    assertThat(cancelled()).contains("connection was closed");
    await().until(() -> open.count() == 0 && waiters.count() == 0 && streams.waitingBytes() == 0);
  }

  @Test
  void aCallerWhoHangsUpBeforeTheFirstPieceCancelsTheRequest() throws Exception {
    try (var socket = connected(CHAT)) {
      requested();
      assertThat(socket.isConnected()).isTrue();
    }

    assertThat(cancelled()).contains("connection was closed");
    await().until(() -> open.count() == 0 && waiters.count() == 0 && streams.waitingBytes() == 0);
  }

  @Test
  void aConnectionServesOneStreamAfterTheOther() throws Exception {
    for (int i = 0; i < 3; i++) {
      producer.clear();
      var call = chat();
      var id = requested().getRequestId();
      waiters.piece(piece(id, 0, "data: [DONE]\n\n"));
      waiters.answer(end(id, 1));
      assertThat(text(call.get())).isEqualTo("data: [DONE]\n\n");
      await().until(() -> waiters.count() == 0 && streams.waitingBytes() == 0);
      assertThat(producer.history()).hasSize(1);
    }
  }

  @Test
  void aCallerWhoReadsNothingIsDroppedWhenAWriteTakesTooLong() throws Exception {
    try (var socket = connected(CHAT)) {
      var id = requested().getRequestId();
      // more than the buffers of both sockets take, less than may wait here
      waiters.piece(piece(id, 0, "data: " + "x".repeat(7 << 20) + "\n\n"));

      assertThat(cancelled()).contains("stopped reading");
      assertThat(socket.isClosed()).isFalse();
    }
    await().until(() -> open.count() == 0 && waiters.count() == 0 && streams.waitingBytes() == 0);
  }

  @Test
  void aCallerForWhomTooMuchWaitsIsDropped() throws Exception {
    try (var socket = connected(CHAT)) {
      var id = requested().getRequestId();
      for (int i = 0; i < 100; i++) {
        waiters.piece(piece(id, i, "data: " + "x".repeat(1 << 20) + "\n\n"));
      }

      assertThat(cancelled()).contains("fast enough");
      assertThat(socket.isClosed()).isFalse();
    }
    await().until(() -> open.count() == 0 && waiters.count() == 0 && streams.waitingBytes() == 0);
  }

  @Test
  void aDroppedCallerNeverSeesAnEndThatLooksWhole() throws Exception {
    var call = chat();
    var id = requested().getRequestId();
    waiters.piece(piece(id, 0, "data: a\n\n"));
    var body = call.get().body();
    read(body, 9);
    waiters.piece(piece(id, 1, "data: " + "x".repeat(BUFFER_BYTES_MAX) + "\n\n"));

    assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
  }

  @Test
  void aStreamThatHasBeenBeforeComesAgainWholeAndSaysSo() throws Exception {
    var events = "data: a\n\n".repeat(20_000) + "data: [DONE]\n\n";
    var call = send(request(CHAT, STREAM).header("Idempotency-Key", "k1"));
    var id = requested().getRequestId();
    var bytes = events.getBytes(UTF_8);
    waiters.answer(
        ReplyFinished.newBuilder()
            .setRequestId(id)
            .setInstance("instance")
            .setAttempt(0)
            .setHttpStatus(200)
            .setBody(new Payload(ByteBuffer.wrap(bytes), null, (long) bytes.length, null))
            .setPool("pool-a")
            .setUpstreamModel("model-a")
            .setReplayOf("req_first")
            .build());

    var response = call.get();

    assertThat(text(response)).isEqualTo(events);
    assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream");
    assertThat(response.headers().firstValue("idempotent-replayed")).hasValue("true");
    assertThat(response.headers().firstValue("x-request-id")).hasValue("req_first");
    assertThat(response.headers().firstValue("x-penstock-pool")).hasValue("pool-a");
  }

  @Test
  void whoHangsUpOnAStreamUnderAKeyMayComeBackForIt() throws Exception {
    var call = send(request(CHAT, STREAM).header("Idempotency-Key", "k1"));
    waiters.piece(piece(requested().getRequestId(), 0, "data: a\n\n"));
    var body = call.get().body();
    assertThat(read(body, 9)).isEqualTo("data: a\n\n");

    body.close();

    waiters.piece(piece(requested().getRequestId(), 1, "data: b\n\n"));
    await().until(() -> open.count() == 0 && waiters.count() == 0);
    assertThat(producer.history()).hasSize(1);
  }

  @Test
  void preferencesOfBodyAndHeadersGoToTheRouterAndNotToTheProvider() throws Exception {
    var body =
        "{\"model\":\"fast\",\"models\":[\"org/deep\"],\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    var call =
        send(
            request(CHAT, body)
                .header("x-penstock-explain", "true")
                .header("x-penstock-residency", "eu"));

    var requested = requested();

    assertThat(requested.getPreferences())
        .isEqualTo(
            RoutePreferences.newBuilder()
                .setModels(List.of("org/deep"))
                .setExplain(true)
                .setResidency("eu")
                .build());
    assertThat(UTF_8.decode(requested.getBody().getInline()).toString())
        .isEqualTo(body.replace("\"models\":[\"org/deep\"],", ""));
    waiters.answer(error(requested.getRequestId(), 400, "invalid_request"));
    assertThat(call.get().statusCode()).isEqualTo(400);
    assertThat(send(request(CHAT, body.replace("org/deep", "nobody"))).get().statusCode())
        .isEqualTo(404);
    assertThat(send(request(CHAT, body).header("x-penstock-explain", "1")).get().statusCode())
        .isEqualTo(400);
  }

  @Test
  void everyErrorOfMessagesIsInAnthropicsEnvelope() throws Exception {
    var good =
        "{\"model\":\"fast\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    assertAnthropic(
        send(server
                .request(MESSAGES)
                .header("x-api-key", "nobody")
                .POST(BodyPublishers.ofString(good)))
            .get(),
        401,
        "authentication_error");
    assertAnthropic(send(request(MESSAGES, "{")).get(), 400, "invalid_request_error");
    assertAnthropic(
        send(request(MESSAGES, good.replace("fast", "nobody"))).get(), 404, "not_found_error");
    assertAnthropic(
        send(request(MESSAGES, good.replace("\"max_tokens\":9,", ""))).get(),
        400,
        "invalid_request_error");
    assertAnthropic(
        send(server.request(MESSAGES, Catalogs.ACME).GET()).get(), 405, "invalid_request_error");
    assertThat(producer.history()).isEmpty();

    var call = send(request(MESSAGES, good));
    waiters.answer(error(requested().getRequestId(), 402, "budget_exceeded"));
    assertAnthropic(call.get(), 402, "billing_error");
  }

  @Test
  void whoWantsTokensCountedIsToldToEstimateThem() throws Exception {
    var prompt = "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    var refused = send(request(MESSAGES + "/count_tokens", prompt)).get();

    assertThat(refused.statusCode()).isEqualTo(404);
    var error = JSON.readTree(text(refused));
    assertThat(error.at("/error/type").asText()).isEqualTo("not_found_error");
    assertThat(error.at("/error/message").asText()).contains("estimate them");
    assertAnthropic(
        send(server.request(MESSAGES + "/count_tokens", Catalogs.ACME).GET()).get(),
        405,
        "invalid_request_error");
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void theHeadOfAStreamAndARefusalSpeakOfLimitsAsAnthropicDoes() throws Exception {
    var good = body("\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]");
    var call = post(MESSAGES, good, "20");
    var id = requested().getRequestId();
    var first = piece(id, 0, "event: message_stop\n\n");
    first.getHead().setRateLimits(new RateLimitStatus(60L, 59L, 1_000L, 500L, 20L, 58_000L));
    waiters.piece(first);
    waiters.answer(end(id, 1));
    var headers = call.get().headers();

    assertThat(headers.firstValue("anthropic-ratelimit-requests-limit")).hasValue("60");
    assertThat(headers.firstValue("anthropic-ratelimit-requests-remaining")).hasValue("59");
    assertThat(headers.firstValue("anthropic-ratelimit-tokens-remaining")).hasValue("20");
    assertThat(Instant.parse(headers.firstValue("anthropic-ratelimit-tokens-reset").orElseThrow()))
        .isBetween(Instant.now(), Instant.now().plusSeconds(60));

    producer.clear();
    var second = post(MESSAGES, good, "20");
    var refusal = error(requested().getRequestId(), 429, "rate_limit_exceeded");
    refusal.setRateLimits(new RateLimitStatus(60L, 0L, 60_000L, null, 0L, 0L));
    refusal.setRetryAfterMs(1_000L);
    waiters.answer(refusal);
    var refused = second.get();

    assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
    assertThat(refused.headers().firstValue("anthropic-ratelimit-requests-remaining"))
        .hasValue("0");
    assertThat(refused.headers().firstValue("anthropic-ratelimit-tokens-limit")).isEmpty();
    assertAnthropic(refused, 429, "rate_limit_error");
  }

  private static void assertAnthropic(HttpResponse<InputStream> response, int status, String type)
      throws IOException {
    var error = JSON.readTree(text(response));
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(error.path("type").asText()).isEqualTo("error");
    assertThat(error.at("/error/type").asText()).isEqualTo(type);
    assertThat(error.at("/error/message").asText()).isNotEmpty();
    assertThat(response.headers().firstValue("request-id"))
        .hasValue(error.path("request_id").asText());
  }

  private Future<HttpResponse<InputStream>> chat() {
    return post(CHAT, body("\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"), "20");
  }

  private static String body(String rest) {
    return "{\"model\":\"fast\",\"stream\":true," + rest + "}";
  }

  private Future<HttpResponse<InputStream>> post(String path, String body, String timeout) {
    return send(request(path, body).header("x-penstock-timeout", timeout));
  }

  private HttpRequest.Builder request(String path, String body) {
    return server
        .request(path)
        .header("x-api-key", Catalogs.ACME)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  private Future<HttpResponse<InputStream>> send(HttpRequest.Builder request) {
    return callers.submit(() -> server.open(request));
  }

  /** A client that can be made to misbehave. */
  private Socket connected(String path) throws IOException {
    var body = body("\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]");
    var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket
        .getOutputStream()
        .write(
            ("POST "
                    + path
                    + " HTTP/1.1\r\nHost: x\r\nx-api-key: "
                    + Catalogs.ACME
                    + "\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(UTF_8));
    return socket;
  }

  private InferenceRequested requested() {
    await().pollInterval(Duration.ofMillis(2)).until(() -> !producer.history().isEmpty());
    return (InferenceRequested) producer.history().getFirst().value();
  }

  /** Why the request was cancelled. */
  private String cancelled() {
    var id = requested().getRequestId();
    await()
        .atMost(Duration.ofSeconds(5))
        .pollInterval(Duration.ofMillis(2))
        .until(() -> producer.history().size() > 1);
    var cancel = (CancelRequested) producer.history().get(1).value();
    assertThat(cancel.getRequestId()).isEqualTo(id);
    return cancel.getReason();
  }

  private static ReplyChunk piece(String requestId, int sequence, String events) {
    var head =
        sequence > 0
            ? null
            : ReplyHead.newBuilder()
                .setPool("pool-a")
                .setUpstreamModel("model-a")
                .setWarnings(List.of("seed", "top_k"))
                .setExplanation(
                    new RouteExplanation(
                        "fast",
                        "priority",
                        List.of(new ConsideredTarget("pool-a", "model-a", "chosen", "h\u00e9"))))
                .build();
    return new ReplyChunk(
        requestId, "instance", 1, STARTED, sequence, head, ByteBuffer.wrap(events.getBytes(UTF_8)));
  }

  private static ReplyFinished end(String requestId, int pieces) {
    return ReplyFinished.newBuilder()
        .setRequestId(requestId)
        .setInstance("instance")
        .setAttempt(1)
        .setHttpStatus(200)
        .setPieces(pieces)
        .setStartedAt(STARTED)
        .build();
  }

  private static ReplyFinished error(String requestId, int status, String code) {
    var body =
        ("{\"error\": {\"message\":\"It failed.\",\n\"type\":\"upstream_error\",\"code\":\""
                + code
                + "\"}}")
            .getBytes(UTF_8);
    return ReplyFinished.newBuilder(end(requestId, 0))
        .setHttpStatus(status)
        .setBody(new Payload(ByteBuffer.wrap(body), null, (long) body.length, null))
        .build();
  }

  private static JsonNode data(String frame) throws IOException {
    return JSON.readTree(frame.substring(frame.indexOf("data: ") + "data: ".length()));
  }

  private static String read(InputStream in, int bytes) throws IOException {
    return new String(in.readNBytes(bytes), UTF_8);
  }

  private static String text(HttpResponse<InputStream> response) throws IOException {
    return new String(response.body().readAllBytes(), UTF_8);
  }
}
