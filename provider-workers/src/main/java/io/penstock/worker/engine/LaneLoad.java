package io.penstock.worker.engine;

import java.util.concurrent.atomic.AtomicLong;

/** How much of a lane this process holds, waiting and running. Thread-safe. */
final class LaneLoad {

  private static final int LOW_WATER_QUARTERS = 3;
  // How many times the buffer may wait for limits of their own models and let others pass. Not
  // more:
  // whoever reads on and on holds a whole topic.
  private static final int ASIDE_BUFFERS_MAX = 20;

  private final long buffer;
  private final long bytesMax;
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile long recordsMax;
  private volatile boolean full;

  /**
   * A lane that holds nothing.
   *
   * @param buffer records held beyond those that run; all of its room until the first {@link
   *     #limit}
   */
  LaneLoad(long buffer, long bytesMax) {
    this.buffer = buffer;
    this.recordsMax = buffer;
    this.bytesMax = bytesMax;
  }

  void limit(long newRecordsMax) {
    recordsMax = newRecordsMax;
  }

  void take(long size) {
    records.incrementAndGet();
    bytes.addAndGet(size);
  }

  void release(long size) {
    records.decrementAndGet();
    bytes.addAndGet(-size);
  }

  long records() {
    return records.get();
  }

  /**
   * Whether to stop taking records; stays so until half of the buffer, or a quarter of the bytes,
   * is free again. Counted from the top, so that no permit lies idle while records are waiting.
   *
   * @param aside records that wait for the limit of a model while others could go on: they leave
   *     their room to those behind them, within reason
   */
  boolean full(long aside) {
    var recordsNow = records.get() - Math.min(aside, buffer * ASIDE_BUFFERS_MAX);
    var bytesNow = bytes.get();
    if (recordsNow >= recordsMax || bytesNow >= bytesMax) {
      full = true;
    } else if (recordsNow <= recordsMax - Math.max(1, buffer / 2)
        && bytesNow <= bytesMax / 4 * LOW_WATER_QUARTERS) {
      full = false;
    }
    return full;
  }
}
