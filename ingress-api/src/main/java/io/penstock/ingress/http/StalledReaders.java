package io.penstock.ingress.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Drops callers who stop reading their stream: a write to them would block for ever. Thread-safe;
 * has one thread of its own.
 */
final class StalledReaders implements AutoCloseable {

  private static final int LOOKS_PER_STALL = 4;

  private final Set<StreamWaiter> streams = ConcurrentHashMap.newKeySet();
  private final Duration stallMax;
  private final Thread thread;

  private StalledReaders(Duration stallMax) {
    this.stallMax = stallMax;
    this.thread = Thread.ofVirtual().name("stalled-readers").unstarted(this::run);
  }

  /** Starts looking. */
  static StalledReaders start(Duration stallMax) {
    var readers = new StalledReaders(stallMax);
    readers.thread.start();
    return readers;
  }

  void watch(StreamWaiter stream) {
    streams.add(stream);
  }

  void forget(StreamWaiter stream) {
    streams.remove(stream);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(stallMax.dividedBy(LOOKS_PER_STALL));
        streams.forEach(stream -> stream.dropStalled(stallMax));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
