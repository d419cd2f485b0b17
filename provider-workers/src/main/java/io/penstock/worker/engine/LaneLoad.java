package io.penstock.worker.engine;

import java.util.concurrent.atomic.AtomicLong;

/** How much of a lane this process holds, waiting and running. Thread-safe. */
final class LaneLoad {

  private static final int LOW_WATER_QUARTERS = 3;

  private final long bytesMax;
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile long recordsMax;
  private volatile boolean full;

  LaneLoad(long recordsMax, long bytesMax) {
    this.recordsMax = recordsMax;
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

  /** Whether to stop taking records; stays so until a quarter of the room is free again. */
  boolean full() {
    var recordsNow = records.get();
    var bytesNow = bytes.get();
    if (recordsNow >= recordsMax || bytesNow >= bytesMax) {
      full = true;
    } else if (recordsNow <= recordsMax / 4 * LOW_WATER_QUARTERS
        && bytesNow <= bytesMax / 4 * LOW_WATER_QUARTERS) {
      full = false;
    }
    return full;
  }
}
