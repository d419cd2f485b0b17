package io.penstock.ingress.http;

import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One whole answer that is on its way; any number of callers may wait for it. Thread-safe; the
 * first end counts.
 */
final class Waiter implements Waiting {

  /** What came of it: exactly one of the two. */
  private record End(@Nullable ReplyFinished reply, @Nullable ApiException failure) {}

  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicReference<@Nullable End> end = new AtomicReference<>();

  /** Nobody asked for pieces. */
  @Override
  public void piece(ReplyChunk piece) {}

  @Override
  public boolean answer(ReplyFinished finished) {
    end(new End(finished, null));
    return true;
  }

  @Override
  public void fail(ApiException exception) {
    end(new End(null, exception));
  }

  private void end(End first) {
    if (end.compareAndSet(null, first)) {
      ended.countDown();
    }
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
    var first = end.get();
    if (first == null) {
      throw new IllegalStateException("ended without an end");
    }
    if (first.reply() != null) {
      return first.reply();
    }
    throw first.failure() == null
        ? new IllegalStateException("ended without an end")
        : first.failure();
  }
}
