package io.penstock.worker.stream;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many bytes are on their way to the log. Thread-safe; the log's own thread reports here, so
 * nobody holds this lock while he writes to the log.
 */
final class Acknowledgements {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long underway;
  private boolean failed;

  void sent(int bytes) {
    lock.lock();
    try {
      underway += bytes;
    } finally {
      lock.unlock();
    }
  }

  void ended(int bytes, boolean written) {
    lock.lock();
    try {
      underway -= bytes;
      failed |= !written;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody may wait any more: what is not acknowledged by now counts as lost. */
  void fail() {
    ended(0, false);
  }

  boolean failed() {
    lock.lock();
    try {
      return failed;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no more than this is on its way; false when something is lost, or it took long. */
  boolean awaitAtMost(long bytes, Duration wait) {
    var left = wait.toNanos();
    lock.lock();
    try {
      while (!failed && underway > bytes) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return !failed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
