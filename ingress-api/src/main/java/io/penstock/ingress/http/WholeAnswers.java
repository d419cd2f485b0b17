package io.penstock.ingress.http;

import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.answer.ErrorBodies;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.blob.Payloads;
import io.penstock.platform.http.HangUp;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ReplyFinished;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Answers in one piece. Thread-safe; blocks the (virtual) thread of its caller. */
final class WholeAnswers {

  private static final int ERRORS = 400;
  private static final String CLOSED = "the caller's connection was closed";

  /** Most answers are here by then, and a connection that is not watched costs nothing. */
  private static final Duration UNWATCHED = Duration.ofMillis(500);

  private final RequestLog log;
  private final Waiters waiters;
  private final BlobStore blobs;
  private final Payloads payloads;

  WholeAnswers(RequestLog log, Waiters waiters, BlobStore blobs) {
    this.log = log;
    this.waiters = waiters;
    this.blobs = blobs;
    this.payloads = new Payloads(blobs);
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param waiter for the answer
   * @throws ApiException when there is none
   */
  ReplyFinished exchange(Wanted wanted, Waiter waiter, Duration wait)
      throws IOException, InterruptedException {
    var payload = payloads.pack(wanted.bodyKey(), wanted.body());
    waiters.expect(wanted.requestId(), waiter);
    try {
      log.send(wanted, payload, wait, waiter);
      var reply = await(wanted, waiter, wait);
      if (reply == null) {
        log.cancel(wanted, "the caller's time ran out");
        waiter.fail(deadlineExceeded());
        throw deadlineExceeded();
      }
      if (payload.getBlob() != null) {
        blobs.delete(payload.getBlob());
      }
      return reply;
    } catch (ApiException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        log.cancel(wanted, CLOSED);
      }
      throw e;
    } catch (InterruptedException e) {
      log.cancel(wanted, "this instance is shutting down");
      throw e;
    } finally {
      waiters.forget(wanted.requestId());
    }
  }

  /**
   * A caller who hangs up ends the wait; one with an idempotency key does not, because it may come
   * back for the same answer, and others may wait for it too.
   */
  private static @Nullable ReplyFinished await(Wanted wanted, Waiter waiter, Duration wait)
      throws InterruptedException {
    if (wanted.repeatable() || wait.compareTo(UNWATCHED) <= 0) {
      return waiter.await(wait);
    }
    var early = waiter.await(UNWATCHED);
    if (early != null) {
      return early;
    }
    try (var _ = HangUp.watch(() -> waiter.fail(hungUp()))) {
      return waiter.await(wait.minus(UNWATCHED));
    }
  }

  /**
   * Answers with a reply; a large one is removed, because nobody can ask for it any more, unless
   * its caller may come back.
   */
  void answer(Wanted wanted, ServerResponse response, ReplyFinished reply) throws IOException {
    var surface = wanted.surface();
    var packed = reply.getBody();
    if (packed == null) {
      throw new ApiException(ErrorCode.INTERNAL_ERROR, "The request ended without an answer.");
    }
    var status = reply.getHttpStatus();
    var body = payloads.unpack(packed);
    AnswerHeaders.of(surface, reply, log.now(), response);
    if (reply.getReplayOf() != null) {
      Routes.replayed(surface, response, reply.getReplayOf());
    }
    Routes.json(
        response,
        status,
        status < ERRORS
            ? body
            : ErrorBodies.translated(surface, status, body, Routes.requestId(response)));
    if (packed.getBlob() != null && !wanted.repeatable()) {
      blobs.delete(packed.getBlob());
    }
  }

  private static ApiException hungUp() {
    return new ApiException(ErrorCode.CANCELLED, "The connection was closed before the answer.");
  }

  static ApiException deadlineExceeded() {
    return new ApiException(ErrorCode.DEADLINE_EXCEEDED, "No answer came in time.");
  }
}
