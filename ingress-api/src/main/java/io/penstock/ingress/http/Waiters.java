package io.penstock.ingress.http;

import io.penstock.schemas.avro.ReplyFinished;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Who waits for which request on this instance. Thread-safe. */
final class Waiters {

  private final ConcurrentHashMap<String, Waiter> waiters = new ConcurrentHashMap<>();

  /** To be called before the request is sent: its reply may be faster than the acknowledgement. */
  void expect(String requestId, Waiter waiter) {
    waiters.put(requestId, waiter);
  }

  void forget(String requestId) {
    waiters.remove(requestId);
  }

  /** A reply to somebody who has gone, or a second reply, is nobody's. */
  void answer(ReplyFinished reply) {
    var waiter = waiters.remove(reply.getRequestId());
    if (waiter != null) {
      waiter.answer(reply);
    }
  }

  /** Ends the wait for one request without an answer. */
  void fail(String requestId, ApiException failure) {
    var waiter = waiters.remove(requestId);
    if (waiter != null) {
      waiter.fail(failure);
    }
  }

  @Nullable Waiter waiting(String requestId) {
    return waiters.get(requestId);
  }

  int count() {
    return waiters.size();
  }
}
