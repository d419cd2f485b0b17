package io.penstock.worker.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends calls that outlast their time. One thread looks at all of them a few times a second: cheaper
 * than a timer for every read, and exact enough for limits that are counted in seconds.
 */
final class Watchdog implements AutoCloseable {

  private static final long PERIOD_NANOS = 50_000_000L;

  private final Set<Watched> calls = ConcurrentHashMap.newKeySet();
  private final Thread thread =
      Thread.ofPlatform().name("upstream-watchdog").daemon().unstarted(this::run);
  private volatile boolean closed;

  void start() {
    thread.start();
  }

  /** Which limit ended a call. */
  enum Limit {
    NONE,
    FIRST_BYTE,
    IDLE,
    TOTAL
  }

  /** A running call; written by its own thread, ended by the watchdog's. */
  static final class Watched {
    private final Timeouts timeouts;
    private final Runnable cancel;
    private volatile long totalAt;
    private volatile long silentAt;
    private volatile boolean begun;
    private volatile boolean resting;
    private volatile Limit ended = Limit.NONE;

    private Watched(Timeouts timeouts, Runnable cancel) {
      this.timeouts = timeouts;
      this.cancel = cancel;
      var now = System.nanoTime();
      this.totalAt = now + timeouts.total().toNanos();
      // until the request is sent, which needs a connection
      this.silentAt = now + timeouts.connect().plus(timeouts.firstByte()).toNanos();
    }

    /** The whole request is on its way: from now on the first byte is waited for. */
    void sent() {
      if (!begun) {
        silentAt = System.nanoTime() + timeouts.firstByte().toNanos();
      }
    }

    /** The first of the model's output came. */
    void begun() {
      begun = true;
      progress();
    }

    /** Bytes came; before the model has begun they do not end its silence. */
    void progress() {
      if (begun) {
        silentAt = System.nanoTime() + timeouts.idle().toNanos();
      }
    }

    /** We do not read for the time being: the silence is ours. */
    void rest() {
      resting = true;
    }

    /** We read again. */
    void resume() {
      progress();
      resting = false;
    }

    /** All that matters has come: the rest may take only this long. */
    void endWithin(Duration rest) {
      totalAt = System.nanoTime() + rest.toNanos();
    }

    /** Which limit ended it; NONE when none did. */
    Limit ended() {
      return ended;
    }

    private void check(long now) {
      if (ended != Limit.NONE) {
        return;
      }
      if (now - totalAt >= 0) {
        end(Limit.TOTAL);
      } else if (!resting && now - silentAt >= 0) {
        end(begun ? Limit.IDLE : Limit.FIRST_BYTE);
      }
    }

    private void end(Limit limit) {
      ended = limit;
      cancel.run();
    }
  }

  /** Watches a call from now on. */
  Watched watch(Timeouts timeouts, Runnable cancel) {
    var watched = new Watched(timeouts, cancel);
    calls.add(watched);
    return watched;
  }

  /** The call ended. */
  void release(Watched watched) {
    calls.remove(watched);
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(PERIOD_NANOS);
      var now = System.nanoTime();
      for (var call : calls) {
        call.check(now);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
