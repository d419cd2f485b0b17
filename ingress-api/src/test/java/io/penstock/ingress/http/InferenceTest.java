package io.penstock.ingress.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingress.testing.Catalogs;
import io.penstock.ingress.testing.TestServer;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.config.Section;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.RateLimitStatus;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.Surface;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ingress without a broker: what is written to the log, and what a reply turns into. */
final class InferenceTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CHAT = "/v1/chat/completions";
  private static final String BODY =
      "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final String ANSWER = "{\"object\":\"chat.completion\"}";
  private static final int BODY_BYTES_MAX = 600_000;

  private final MockProducer<String, SpecificRecord> producer =
      new MockProducer<>(
          false, null, new StringSerializer(), RecordSerdes.inMemory("inference").serializer());
  private final AtomicLong free = new AtomicLong(Long.MAX_VALUE);
  private final Waiters waiters = new Waiters();
  private final OpenRequests open = new OpenRequests(2, 1 << 20);
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final LocalBlobStore blobs;
  private final StreamAnswers streams;
  private final TestServer server;

  InferenceTest(@TempDir Path directory) throws IOException {
    blobs = new LocalBlobStore(directory);
    var catalog = Catalogs.catalog();
    var log =
        new RequestLog(
            producer,
            new Topics(Topics.DEFAULT_PREFIX),
            new ReplyAddress("instance", 3),
            Clock.systemUTC());
    var whole = new WholeAnswers(log, waiters, blobs);
    streams = new StreamAnswers(log, waiters, whole, blobs, StreamLimits.of(Section.empty()));
    var inference =
        new Inference(
            () -> catalog,
            open,
            new DiskReserve(free::get, 1_000),
            whole,
            streams,
            BODY_BYTES_MAX,
            Duration.ofSeconds(30));
    var models = new Models(() -> catalog);
    server =
        TestServer.start(
            Clock.systemUTC(),
            (routing, routes) -> {
              routing.post(CHAT, routes.secured(inference.on(Surface.OPENAI_CHAT)));
              routing.any(CHAT, routes.methodNotAllowed("POST"));
              routing.get("/v1/models", routes.secured(models::list));
              routing.get("/v1/models/*", routes.secured(models::one));
            });
  }

  @AfterEach
  void stop() {
    server.close();
    streams.close();
    callers.close();
  }

  @Test
  void aRequestIsWrittenToTheLogAndItsReplyIsTheAnswer() throws Exception {
    var call = call(() -> server.post(CHAT, Catalogs.ACME, BODY));
    var requested = requested(0);
    waiters.answer(reply(requested.getRequestId(), 200, ANSWER, null));

    var response = call.get();

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(ANSWER);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(response.headers().firstValue("x-request-id")).hasValue(requested.getRequestId());
    assertThat(response.headers().firstValue("x-penstock-pool")).hasValue("pool-a");
    assertThat(response.headers().firstValue("x-penstock-model")).hasValue("model-a");
    var record = producer.history().getFirst();
    assertThat(record.topic()).isEqualTo("penstock.requests.interactive");
    assertThat(record.key()).isEqualTo("acme");
    assertThat(requested.getOrganization()).isEqualTo("acme");
    assertThat(requested.getApiKey()).isEqualTo("key-acme");
    assertThat(requested.getModel()).isEqualTo("fast");
    assertThat(requested.getLane()).isEqualTo(Lane.INTERACTIVE);
    assertThat(requested.getAnswerTo()).isEqualTo(AnswerTo.REPLY);
    assertThat(requested.getReply()).isEqualTo(new ReplyAddress("instance", 3));
    assertThat(StandardCharsets.UTF_8.decode(requested.getBody().getInline()).toString())
        .isEqualTo(BODY);
    assertThat(waiters.count()).isZero();
    await().until(() -> open.count() == 0);
  }

  @Test
  void anErrorReplyKeepsItsStatusBodyAndWait() throws Exception {
    var call = call(() -> server.post(CHAT, Catalogs.ACME, BODY));
    waiters.answer(reply(requested(0).getRequestId(), 429, "{\"error\":{}}", 1_200L));

    var response = call.get();

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body()).isEqualTo("{\"error\":{}}");
    assertThat(response.headers().firstValue("retry-after")).hasValue("2");
    assertThat(response.headers().firstValue("retry-after-ms")).hasValue("1200");
  }

  @Test
  void aLargeBodyTravelsByTheBlobStoreAndIsRemovedAfterwards() throws Exception {
    var large = BODY.replace("hi", "x".repeat(300_000));
    var call = call(() -> server.post(CHAT, Catalogs.ACME, large));
    var body = requested(0).getBody();
    assertThat(body.getInline()).isNull();
    assertThat(blobs.size(body.getBlob())).isEqualTo(large.length());
    waiters.answer(reply(requested(0).getRequestId(), 200, ANSWER, null));

    assertThat(call.get().statusCode()).isEqualTo(200);
    assertThat(blobs.size(body.getBlob())).isEqualTo(-1);
  }

  @Test
  void aLargeAnswerIsRemovedOnceItWasGivenUnlessItsCallerMayComeBackForIt() throws Exception {
    for (var key : List.of("", "k1")) {
      var asked = chat(Catalogs.ACME, BODY);
      var index = producer.history().size();
      var call =
          call(() -> server.send(key.isEmpty() ? asked : asked.header("Idempotency-Key", key)));
      var large = "{\"object\":\"" + "x".repeat(300_000) + "\"}";
      var stored = blobs.put("answers/r/1", large.getBytes(StandardCharsets.UTF_8));
      var reply = reply(requested(index).getRequestId(), 200, "", null);
      reply.setBody(new Payload(null, stored.key(), stored.size(), stored.sha256()));
      waiters.answer(reply);

      assertThat(call.get().body()).isEqualTo(large);
      await()
          .untilAsserted(
              () ->
                  assertThat(blobs.size(stored.key()))
                      .isEqualTo(key.isEmpty() ? -1 : large.length()));
    }
  }

  @Test
  void aBodyThatEndsBeforeItsLengthIsTheCallersError() throws Exception {
    for (var framing :
        List.of("Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n64\r\n{")) {
      try (var socket = new Socket("127.0.0.1", server.port())) {
        socket.setSoTimeout(10_000);
        var head =
            "POST "
                + CHAT
                + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                + Catalogs.ACME
                + "\r\n";
        socket.getOutputStream().write((head + framing).getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();

        var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(answer)
            .satisfiesAnyOf(
                closed -> assertThat(closed).isEmpty(),
                refused -> assertThat(refused).startsWith("HTTP/1.1 400"));
      }
    }
    assertThat(producer.history()).isEmpty();
    await().until(() -> open.count() == 0);
  }

  @Test
  void nothingIsTakenWhenHalfOfTheDisksReserveIsGone() throws Exception {
    free.set(499);

    var response = server.post(CHAT, Catalogs.ACME, BODY);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("retry-after")).hasValue("30");
    assertThat(response.body()).contains("\"code\":\"overloaded\"", "almost full");
    assertThat(producer.history()).isEmpty();
    assertThat(open.count()).isZero();
  }

  @Test
  void whenTimeRunsOutTheRequestIsCancelled() throws Exception {
    var response = server.send(chat(Catalogs.ACME, BODY).header("x-penstock-timeout", "0.05"));

    assertError(response, 504, "deadline_exceeded", null);
    var requested = requested(0);
    assertThat(Duration.between(requested.getAcceptedAt(), requested.getDeadlineAt()))
        .isEqualTo(Duration.ofMillis(50));
    assertThat(producer.history().get(1).value())
        .isInstanceOfSatisfying(
            CancelRequested.class,
            cancel -> assertThat(cancel.getRequestId()).isEqualTo(requested.getRequestId()));
    assertThat(waiters.count()).isZero();
  }

  @Test
  void aCallerWhoHangsUpCancelsTheRequest() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      var head =
          "POST %s HTTP/1.1\r\nHost: x\r\nx-api-key: %s\r\nContent-Length: %d\r\n\r\n"
              .formatted(CHAT, Catalogs.ACME, BODY.length());
      socket.getOutputStream().write((head + BODY).getBytes(StandardCharsets.UTF_8));
      requested(0);
    }

    await().until(() -> producer.history().size() == 2);
    assertThat(producer.history().get(1).value())
        .isInstanceOfSatisfying(
            CancelRequested.class,
            cancel -> assertThat(cancel.getReason()).contains("connection was closed"));
    await().until(() -> open.count() == 0 && waiters.count() == 0);
  }

  @Test
  void aRequestThatTheLogDoesNotTakeIsRefusedAsOverloaded() throws Exception {
    var call = call(() -> server.post(CHAT, Catalogs.ACME, BODY));
    requested(0);
    producer.errorNext(new TimeoutException("no acknowledgement"));

    var response = call.get();

    assertError(response, 503, "overloaded", null);
    assertThat(response.headers().firstValue("retry-after")).hasValue("1");
  }

  @Test
  void moreRequestsThanMayWaitAreRefused() throws Exception {
    var first = call(() -> server.post(CHAT, Catalogs.ACME, BODY));
    var second = call(() -> server.post(CHAT, Catalogs.ACME, BODY));
    requested(1);

    assertError(server.post(CHAT, Catalogs.ACME, BODY), 503, "overloaded", null);

    waiters.answer(reply(requested(0).getRequestId(), 200, ANSWER, null));
    waiters.answer(reply(requested(1).getRequestId(), 200, ANSWER, null));
    assertThat(first.get().statusCode() + second.get().statusCode()).isEqualTo(400);
  }

  @Test
  void drainingLetsOpenRequestsEndAndNobodyElseIn() throws Exception {
    var waiting = call(() -> server.post(CHAT, Catalogs.ACME, BODY));
    requested(0);
    assertThat(open.drain(Duration.ofMillis(1))).isFalse();

    assertError(server.post(CHAT, Catalogs.ACME, BODY), 503, "not_ready", null);

    waiters.answer(reply(requested(0).getRequestId(), 200, ANSWER, null));
    assertThat(waiting.get().statusCode()).isEqualTo(200);
    assertThat(open.drain(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void aRequestWithAKeySaysWhatItIsSoThatTheRouterCanTellARepetition() throws Exception {
    for (var body : List.of(BODY, BODY, BODY.replace("hi", "ho"))) {
      var index = producer.history().size();
      var call =
          call(() -> server.send(chat(Catalogs.ACME, body).header("Idempotency-Key", "\"k1\"")));
      waiters.answer(reply(requested(index).getRequestId(), 200, ANSWER, null));
      assertThat(call.get().statusCode()).isEqualTo(200);
      assertThat(call.get().headers().firstValue("idempotent-replayed")).isEmpty();
    }

    var first = requested(0);
    assertThat(first.getIdempotencyKey()).isEqualTo("k1");
    assertThat(first.getAnswerTo()).isEqualTo(AnswerTo.BOTH);
    assertThat(first.getJob()).isEqualTo(first.getRequestId());
    assertThat(first.getFingerprint()).matches("[0-9a-f]{64}");
    assertThat(requested(1).getFingerprint()).isEqualTo(first.getFingerprint());
    assertThat(requested(2).getFingerprint()).isNotEqualTo(first.getFingerprint());
  }

  @Test
  void anAnswerThatWasGivenBeforeSaysSoAndNamesTheRequestThatItWasGivenTo() throws Exception {
    var call = call(() -> server.send(chat(Catalogs.ACME, BODY).header("Idempotency-Key", "k1")));
    var reply = reply(requested(0).getRequestId(), 200, ANSWER, null);
    reply.setReplayOf("req_first");
    waiters.answer(reply);

    var response = call.get();

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(ANSWER);
    assertThat(response.headers().firstValue("idempotent-replayed")).hasValue("true");
    assertThat(response.headers().firstValue("x-request-id")).hasValue("req_first");
    assertThat(response.headers().firstValue("x-penstock-pool")).hasValue("pool-a");
  }

  @Test
  void aRequestWithAKeyGoesOnWhenItsCallersTimeHasRunOut() throws Exception {
    var response =
        server.send(
            chat(Catalogs.ACME, BODY)
                .header("Idempotency-Key", "k1")
                .header("x-penstock-timeout", "0.05"));

    assertError(response, 504, "deadline_exceeded", null);
    assertThat(producer.history()).hasSize(1);
  }

  @Test
  void aKeyThatNobodyCouldHaveMeantIsRefused() throws Exception {
    for (var key : List.of("k".repeat(256), "\"\"", "\" \"")) {
      assertError(
          server.send(chat(Catalogs.ACME, BODY).header("Idempotency-Key", key)),
          400,
          "invalid_request",
          null);
    }
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void everyBadRequestHasItsOwnErrorAndLeavesNoTrace() throws Exception {
    assertError(
        server.send(server.request(CHAT).POST(BodyPublishers.ofString(BODY))),
        401,
        "invalid_api_key",
        null);
    assertError(server.post(CHAT, "sk-pen-unknown", BODY), 401, "invalid_api_key", null);
    assertError(
        server.post(CHAT, Catalogs.ACME, BODY.replace("fast", "nobody")),
        404,
        "model_not_found",
        "model");
    assertError(
        server.post(CHAT, Catalogs.ACME_FAST, BODY.replace("fast", "org/deep")),
        403,
        "permission_denied",
        "model");
    assertError(server.post(CHAT, Catalogs.ACME, "{"), 400, "invalid_json", null);
    assertError(server.post(CHAT, Catalogs.ACME, ""), 400, "invalid_json", null);
    assertError(server.post(CHAT, Catalogs.ACME, "[".repeat(10_000)), 400, "invalid_type", null);
    assertError(
        server.post(CHAT, Catalogs.ACME, " ".repeat(BODY_BYTES_MAX + 1)),
        413,
        "request_too_large",
        null);
    assertError(
        server.send(
            server
                .request(CHAT, Catalogs.ACME)
                .header("Content-Type", "application/json")
                .POST(
                    BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(new byte[BODY_BYTES_MAX + 1])))),
        413,
        "request_too_large",
        null);
    assertError(
        server.send(
            server
                .request(CHAT, Catalogs.ACME)
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(BODY))),
        415,
        "unsupported_media_type",
        null);
    assertError(
        server.send(chat(Catalogs.ACME, BODY).header("x-penstock-timeout", "soon")),
        400,
        "invalid_request",
        null);
    assertError(server.get(CHAT, Catalogs.ACME), 405, "method_not_allowed", null);
    assertError(server.get("/v1/nothing/here", Catalogs.ACME), 404, "not_found", null);
    assertThat(producer.history()).isEmpty();
    await().until(() -> open.count() == 0);
  }

  @Test
  void aPathWhereNothingIsIsNamedWithWhatIsUsuallyWrong() throws Exception {
    assertThat(server.post("/v1/v1/messages", Catalogs.ACME, "{}").body())
        .contains("There is nothing at POST /v1/v1/messages: the base URL of ");
    assertThat(server.post("/v1/nothing", Catalogs.ACME, "{}").body())
        .contains("\"There is nothing at POST /v1/nothing.\"");
  }

  @Test
  void compressedBodiesAreRefusedInTheEnvelopeOfTheirPath() throws Exception {
    for (var path : List.of(CHAT, "/v1/messages")) {
      var response =
          server.send(
              server
                  .request(path, Catalogs.ACME)
                  .header("Content-Encoding", "gzip")
                  .POST(BodyPublishers.ofString("x")));

      assertThat(response.statusCode()).isEqualTo(415);
      assertThat(response.body())
          .startsWith(path.equals(CHAT) ? "{\"error\":" : "{\"type\":\"error\"")
          .contains("Compressed bodies are not accepted");
    }
  }

  @Test
  void keysAreFoundInEveryHeaderThatClientsUse() throws Exception {
    for (var header : List.of("x-api-key", "api-key", "x-goog-api-key")) {
      assertThat(
              server.send(server.request("/v1/models").header(header, Catalogs.ACME)).statusCode())
          .isEqualTo(200);
    }
    assertThat(
            server
                .send(server.request("/v1/models").header("Authorization", "Basic eDp5"))
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void modelsAreThoseThatTheKeyMayUse() throws Exception {
    assertThat(server.get("/v1/models", Catalogs.ACME_FAST).body())
        .isEqualTo(
            "{\"object\":\"list\",\"data\":["
                + "{\"id\":\"fast\",\"object\":\"model\",\"created\":1767323045,\"owned_by\":\"penstock\",\"type\":\"model\",\"display_name\":\"fast\",\"created_at\":\"2026-01-02T03:04:05Z\"},"
                + "{\"id\":\"quick\",\"object\":\"model\",\"created\":1767323045,\"owned_by\":\"penstock\",\"type\":\"model\",\"display_name\":\"quick\",\"created_at\":\"2026-01-02T03:04:05Z\"}],\"has_more\":false,\"first_id\":\"fast\",\"last_id\":\"quick\"}");
    assertThat(server.get("/v1/models/org/deep", Catalogs.ACME).body())
        .isEqualTo(
            "{\"id\":\"org/deep\",\"object\":\"model\",\"created\":1767323045,\"owned_by\":\"penstock\",\"type\":\"model\",\"display_name\":\"org/deep\",\"created_at\":\"2026-01-02T03:04:05Z\"}");
    assertError(
        server.get("/v1/models/org/deep", Catalogs.ACME_FAST), 404, "model_not_found", "model");
    assertError(server.get("/v1/models/nobody", Catalogs.ACME), 404, "model_not_found", "model");
  }

  @Test
  void anAnswerSaysHowMuchOfTheLimitsIsLeft() throws Exception {
    var call = call(() -> server.post(CHAT, Catalogs.ACME, BODY));
    var reply = reply(requested(0).getRequestId(), 200, ANSWER, null);
    reply.setRateLimits(new RateLimitStatus(60L, 59L, 1_000L, null, 0L, 0L));
    waiters.answer(reply);

    var headers = call.get().headers();

    assertThat(headers.firstValue("x-ratelimit-limit-requests")).hasValue("60");
    assertThat(headers.firstValue("x-ratelimit-remaining-requests")).hasValue("59");
    assertThat(headers.firstValue("x-ratelimit-reset-requests")).hasValue("1s");
    assertThat(headers.firstValue("x-ratelimit-limit-tokens")).isEmpty();
  }

  @Test
  void aRefusalSaysWhatIsLeftAndWhenToAskAgain() throws Exception {
    var call = call(() -> server.post(CHAT, Catalogs.ACME, BODY));
    var reply = reply(requested(0).getRequestId(), 429, "{\"error\":{}}", 5_001L);
    reply.setRateLimits(new RateLimitStatus(10L, 0L, 60_000L, null, 0L, 0L));
    waiters.answer(reply);

    var response = call.get();

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("retry-after")).hasValue("6");
    assertThat(response.headers().firstValue("retry-after-ms")).hasValue("5001");
    assertThat(response.headers().firstValue("x-ratelimit-remaining-requests")).hasValue("0");
    assertThat(response.headers().firstValue("x-ratelimit-reset-requests")).hasValue("1m0s");
  }

  private Future<HttpResponse<String>> call(Callable<HttpResponse<String>> call) {
    return callers.submit(call);
  }

  private HttpRequest.Builder chat(String key, String body) {
    return server
        .request(CHAT, key)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  private InferenceRequested requested(int index) {
    await().pollInterval(Duration.ofMillis(2)).until(() -> producer.history().size() > index);
    return (InferenceRequested) producer.history().get(index).value();
  }

  private static ReplyFinished reply(
      String requestId, int status, String body, @Nullable Long retryAfterMs) {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    var payload = new Payload(ByteBuffer.wrap(bytes), null, (long) bytes.length, null);
    return ReplyFinished.newBuilder()
        .setRequestId(requestId)
        .setInstance("instance")
        .setAttempt(1)
        .setHttpStatus(status)
        .setBody(payload)
        .setPieces(0)
        .setWarnings(java.util.List.of())
        .setRetryAfterMs(retryAfterMs)
        .setPool("pool-a")
        .setUpstreamModel("model-a")
        .build();
  }

  private static void assertError(
      HttpResponse<String> response, int status, String code, @Nullable String param)
      throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = JSON.readTree(response.body()).path("error");
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("param").isNull() ? null : error.path("param").asText()).isEqualTo(param);
    assertThat(response.headers().firstValue("x-request-id"))
        .hasValue(error.path("metadata").path("request_id").asText());
  }
}
