package io.penstock.ingress.http;

import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import java.util.concurrent.ConcurrentHashMap;

/** Who waits for which request on this instance. Thread-safe. */
final class Waiters {

  private final ConcurrentHashMap<String, Waiting> waiters = new ConcurrentHashMap<>();

  /** To be called before the request is sent: its reply may be faster than the acknowledgement. */
  void expect(String requestId, Waiting waiter) {
    waiters.put(requestId, waiter);
  }

  void forget(String requestId) {
    waiters.remove(requestId);
  }

  /** A piece for somebody who has gone is nobody's. */
  void piece(ReplyChunk piece) {
    var waiter = waiters.get(piece.getRequestId());
    if (waiter != null) {
      waiter.piece(piece);
    }
  }

  /** A reply to somebody who has gone, or a second reply, is nobody's. */
  void answer(ReplyFinished reply) {
    var waiter = waiters.get(reply.getRequestId());
    if (waiter != null && waiter.answer(reply)) {
      waiters.remove(reply.getRequestId(), waiter);
    }
  }

  /** Ends the wait for one request without an answer. */
  void fail(String requestId, ApiException failure) {
    var waiter = waiters.remove(requestId);
    if (waiter != null) {
      waiter.fail(failure);
    }
  }

  int count() {
    return waiters.size();
  }
}
