package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.BodyReader;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.accept.ModelAccess;
import io.penstock.ingress.accept.ParsedBody;
import io.penstock.ingress.accept.Rejected;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.blob.Payloads;
import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Synchronous requests: accepts, writes to the log, waits for the reply, answers. Thread-safe;
 * blocks the (virtual) thread of its caller.
 *
 * <p>Nothing waits for the producer's acknowledgement: the router reads a record only once all
 * replicas have it, so a reply proves that the request was durable.
 */
final class Inference {

  private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("idempotency-key");
  private static final HeaderName POOL = HeaderNames.create("x-penstock-pool");
  private static final HeaderName MODEL = HeaderNames.create("x-penstock-model");
  private static final HeaderName REPLAYED = HeaderNames.create("idempotent-replayed");
  private static final HeaderName RETRY_AFTER_MS = HeaderNames.create("retry-after-ms");

  private final Supplier<Catalog> catalog;
  private final Producer<String, SpecificRecord> producer;
  private final String topic;
  private final ReplyAddress address;
  private final Waiters waiters;
  private final OpenRequests open;
  private final BlobStore blobs;
  private final Payloads payloads;
  private final Clock clock;
  private final long bodyBytesMax;
  private final Duration deadline;
  private final SharedAnswers shared = new SharedAnswers();

  /**
   * Makes the handler.
   *
   * @param address where replies to this instance go
   * @param bodyBytesMax largest body
   * @param deadline longest wait
   */
  Inference(
      Supplier<Catalog> catalog,
      Producer<String, SpecificRecord> producer,
      Topics topics,
      ReplyAddress address,
      Waiters waiters,
      OpenRequests open,
      BlobStore blobs,
      Clock clock,
      long bodyBytesMax,
      Duration deadline) {
    this.catalog = catalog;
    this.producer = producer;
    this.topic = topics.requests(Lane.INTERACTIVE);
    this.address = address;
    this.waiters = waiters;
    this.open = open;
    this.blobs = blobs;
    this.payloads = new Payloads(blobs);
    this.clock = clock;
    this.bodyBytesMax = bodyBytesMax;
    this.deadline = deadline;
  }

  /** The handler of one surface. */
  SecuredHandler on(Surface surface) {
    return (caller, request, response) -> handle(surface, caller, request, response);
  }

  private void handle(
      Surface surface, Caller caller, ServerRequest request, ServerResponse response)
      throws IOException, InterruptedException {
    try (var place = open.enter()) {
      var wait = Deadlines.of(request.headers(), deadline);
      var body = Bodies.json(request, bodyBytesMax, place::take);
      var parsed = accepted(surface, caller, body);
      var key = request.headers().first(IDEMPOTENCY_KEY).map(SharedAnswers::checked).orElse(null);
      var waiter = new Waiter();
      if (key == null) {
        answer(response, exchange(surface, caller, parsed, body, null, waiter, wait, response));
        return;
      }
      var path = request.path().path();
      var first = shared.join(caller.organization(), key, path, body, waiter);
      if (first != null) {
        response.header(REPLAYED, "true");
        answer(response, ended(first.await(wait)));
        return;
      }
      try {
        answer(response, exchange(surface, caller, parsed, body, key, waiter, wait, response));
      } finally {
        shared.leave(caller.organization(), key);
      }
    }
  }

  private ParsedBody accepted(Surface surface, Caller caller, byte[] body) {
    return switch (BodyReader.parse(surface, body)) {
      case Rejected rejected -> throw refusal(rejected);
      case ParsedBody parsed -> {
        if (parsed.stream()) {
          throw new ApiException(
              ErrorCode.UNSUPPORTED_PARAMETER,
              "stream",
              "Streaming is not available yet: send 'stream': false, or leave it out.");
        }
        var forbidden = ModelAccess.refusal(catalog.get(), caller, parsed.model());
        if (forbidden != null) {
          throw refusal(forbidden);
        }
        yield parsed;
      }
    };
  }

  private ReplyFinished exchange(
      Surface surface,
      Caller caller,
      ParsedBody parsed,
      byte[] body,
      @Nullable String idempotencyKey,
      Waiter waiter,
      Duration wait,
      ServerResponse response)
      throws IOException, InterruptedException {
    var requestId = Routes.requestId(response);
    var payload = payloads.pack("bodies/" + caller.organization() + "/" + requestId, body);
    var now = clock.instant();
    waiters.expect(requestId, waiter);
    try {
      send(
          requested(
              surface, caller, parsed, payload, idempotencyKey, requestId, now, now.plus(wait)));
      var reply = waiter.await(wait);
      if (reply == null) {
        cancel(caller, requestId, "the caller's time ran out");
        waiter.fail(deadlineExceeded());
      } else if (payload.getBlob() != null) {
        blobs.delete(payload.getBlob());
      }
      return ended(reply);
    } catch (InterruptedException e) {
      cancel(caller, requestId, "the caller's connection was closed");
      throw e;
    } finally {
      waiters.forget(requestId);
    }
  }

  private InferenceRequested requested(
      Surface surface,
      Caller caller,
      ParsedBody parsed,
      Payload body,
      @Nullable String idempotencyKey,
      String requestId,
      Instant now,
      Instant deadlineAt) {
    var key = caller.key();
    return new InferenceRequested(
        requestId,
        caller.organization(),
        caller.keyId(),
        key.getProject(),
        key.getTeam(),
        parsed.endUser(),
        parsed.tags(),
        parsed.model(),
        surface,
        Lane.INTERACTIVE,
        AnswerTo.REPLY,
        address,
        null,
        null,
        idempotencyKey,
        parsed.facts(),
        null,
        body,
        now,
        deadlineAt);
  }

  private void send(InferenceRequested requested) {
    var requestId = requested.getRequestId();
    try {
      producer.send(
          new ProducerRecord<>(topic, requested.getOrganization(), requested),
          (metadata, failure) -> {
            if (failure != null) {
              waiters.fail(requestId, notAccepted());
            }
          });
    } catch (KafkaException e) {
      throw notAccepted();
    }
  }

  private void cancel(Caller caller, String requestId, String reason) {
    var cancelled = new CancelRequested(requestId, caller.organization(), reason, clock.instant());
    try {
      producer.send(new ProducerRecord<>(topic, caller.organization(), cancelled));
    } catch (KafkaException e) {
      // the request has its own deadline: without the cancellation it ends a little later
    }
  }

  private void answer(ServerResponse response, ReplyFinished reply) throws IOException {
    if (reply.getPool() != null) {
      response.header(POOL, reply.getPool());
    }
    if (reply.getUpstreamModel() != null) {
      response.header(MODEL, reply.getUpstreamModel());
    }
    var retryAfter = reply.getRetryAfterMs();
    if (retryAfter != null) {
      response.header(
          HeaderNames.RETRY_AFTER, Long.toString(Math.max(1, (retryAfter + 999) / 1000)));
      response.header(RETRY_AFTER_MS, Long.toString(retryAfter));
    }
    var body = reply.getBody();
    if (body == null) {
      throw new ApiException(ErrorCode.INTERNAL_ERROR, "The request ended without an answer.");
    }
    Routes.json(response, reply.getHttpStatus(), payloads.unpack(body));
  }

  private static ReplyFinished ended(@Nullable ReplyFinished reply) {
    if (reply == null) {
      throw deadlineExceeded();
    }
    return reply;
  }

  private static ApiException refusal(Rejected rejected) {
    return new ApiException(rejected.code(), rejected.param(), rejected.message());
  }

  private static ApiException deadlineExceeded() {
    return new ApiException(
        ErrorCode.DEADLINE_EXCEEDED, "No answer came in time; the request has been cancelled.");
  }

  private static ApiException notAccepted() {
    return new ApiException(
        ErrorCode.OVERLOADED, "The request could not be written to the log; ask again.");
  }
}
