package io.penstock.ingress.http;

import io.penstock.schemas.ErrorCode;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits how many synchronous requests wait, and how much memory their bodies take. Thread-safe.
 */
public final class OpenRequests {

  private final int countMax;
  private final long bytesMax;
  private final Semaphore places;
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean closing;

  public OpenRequests(int countMax, long bytesMax) {
    this.countMax = countMax;
    this.bytesMax = bytesMax;
    this.places = new Semaphore(countMax);
  }

  /** A place of one request; closing gives it back. One thread. */
  public final class Place implements AutoCloseable {

    private long held;

    private Place() {}

    /**
     * Takes memory for the body.
     *
     * @throws ApiException {@code overloaded}, when there is not so much left
     */
    void take(long more) {
      if (bytes.addAndGet(more) > bytesMax) {
        bytes.addAndGet(-more);
        throw overloaded();
      }
      held += more;
    }

    @Override
    public void close() {
      bytes.addAndGet(-held);
      places.release();
    }
  }

  /**
   * Takes a place.
   *
   * @throws ApiException {@code overloaded}, when all are taken; {@code not_ready}, when the
   *     service stops
   */
  public Place enter() {
    if (closing) {
      throw new ApiException(ErrorCode.NOT_READY, "This instance is shutting down; ask again.");
    }
    if (!places.tryAcquire()) {
      throw overloaded();
    }
    return new Place();
  }

  /** Requests that wait now. */
  public int count() {
    return countMax - places.availablePermits();
  }

  /**
   * Lets nobody in any more, and waits for those inside.
   *
   * @return false when the time ran out first
   */
  public boolean drain(Duration grace) throws InterruptedException {
    closing = true;
    var empty = places.tryAcquire(countMax, grace.toNanos(), TimeUnit.NANOSECONDS);
    if (empty) {
      places.release(countMax);
    }
    return empty;
  }

  private static ApiException overloaded() {
    return new ApiException(
        ErrorCode.OVERLOADED, "Too many requests are waiting; ask again in a moment.");
  }
}
