package io.penstock.ingress.http;

import io.penstock.schemas.avro.ReplyFinished;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One answer that is on its way; any number of callers may wait for it. Thread-safe; the first end
 * counts.
 */
final class Waiter {

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable ReplyFinished reply;
  private volatile @Nullable ApiException failure;

  void answer(ReplyFinished finished) {
    reply = finished;
    ended.countDown();
  }

  void fail(ApiException exception) {
    failure = exception;
    ended.countDown();
  }

  /**
   * Waits.
   *
   * @return null when the time ran out first
   * @throws ApiException when there will be no answer
   */
  @Nullable ReplyFinished await(Duration timeout) throws InterruptedException {
    if (!ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      return null;
    }
    var answer = reply;
    if (answer != null) {
      return answer;
    }
    var failed = failure;
    throw failed == null ? new IllegalStateException("ended without an end") : failed;
  }
}
