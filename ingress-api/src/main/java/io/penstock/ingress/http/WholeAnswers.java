package io.penstock.ingress.http;

import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.answer.ErrorBodies;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.time.Duration;

/** Answers in one piece. Thread-safe; blocks the (virtual) thread of its caller. */
final class WholeAnswers {

  private static final int ERRORS = 400;

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
   * @param waiter for the answer; others may wait at it too
   * @throws ApiException when there is none
   */
  ReplyFinished exchange(Wanted wanted, Waiter waiter, Duration wait)
      throws IOException, InterruptedException {
    var payload = payloads.pack(wanted.bodyKey(), wanted.body());
    waiters.expect(wanted.requestId(), waiter);
    try {
      log.send(wanted, payload, wait, waiter);
      var reply = waiter.await(wait);
      if (reply == null) {
        log.cancel(wanted, "the caller's time ran out");
        waiter.fail(deadlineExceeded());
        throw deadlineExceeded();
      }
      if (payload.getBlob() != null) {
        blobs.delete(payload.getBlob());
      }
      return reply;
    } catch (InterruptedException e) {
      log.cancel(wanted, "this instance is shutting down");
      throw e;
    } finally {
      waiters.forget(wanted.requestId());
    }
  }

  /** Answers with a reply. */
  void answer(Surface surface, ServerResponse response, ReplyFinished reply) throws IOException {
    var packed = reply.getBody();
    if (packed == null) {
      throw new ApiException(ErrorCode.INTERNAL_ERROR, "The request ended without an answer.");
    }
    var status = reply.getHttpStatus();
    var body = payloads.unpack(packed);
    AnswerHeaders.of(reply, response);
    Routes.json(
        response,
        status,
        status < ERRORS
            ? body
            : ErrorBodies.translated(surface, status, body, Routes.requestId(response)));
  }

  static ApiException deadlineExceeded() {
    return new ApiException(
        ErrorCode.DEADLINE_EXCEEDED, "No answer came in time; the request has been cancelled.");
  }
}
