package io.penstock.worker.limit;

import java.util.Arrays;

/**
 * Requests that began and were not refused, over the last minute. Not thread-safe; time is
 * nanoseconds of one monotonic clock.
 */
final class Throughput {

  private static final long SLOT_NANOS = 250_000_000L;
  private static final int SLOTS = 240;
  private static final int SLOTS_SHORT = 40;
  private static final double SECOND_NANOS = 1e9;

  private final long[] counts = new long[SLOTS];
  private final long beganAt;
  private long slotsPassed;
  private long minuteAt = -1;
  private double minute;

  Throughput(long nowNanos) {
    this.beganAt = nowNanos;
  }

  void began(long nowNanos) {
    advance(nowNanos);
    counts[(int) (slotsPassed % SLOTS)]++;
  }

  /** One that began at this moment was refused. */
  void refused(long momentNanos, long nowNanos) {
    advance(nowNanos);
    var slot = Math.max(0, momentNanos - beganAt) / SLOT_NANOS;
    if (slot > slotsPassed - SLOTS) {
      counts[(int) (slot % SLOTS)]--;
    }
  }

  /** How many a second over the last minute, or since the first one. */
  double perSecond(long nowNanos) {
    advance(nowNanos);
    if (slotsPassed != minuteAt) {
      minuteAt = slotsPassed;
      minute = perSecond(beganAt, SLOTS, nowNanos);
    }
    return minute;
  }

  /** How many a second since a moment, at most over ten seconds and at least over one. */
  double perSecond(long sinceNanos, long nowNanos) {
    advance(nowNanos);
    return perSecond(sinceNanos, SLOTS_SHORT, nowNanos);
  }

  private double perSecond(long sinceNanos, int slotsMax, long nowNanos) {
    var span = Math.clamp(nowNanos - sinceNanos, (long) SECOND_NANOS, (slotsMax - 1) * SLOT_NANOS);
    var slots = Math.ceilDiv(span, SLOT_NANOS);
    var sum = 0L;
    for (long slot = Math.max(0, slotsPassed - slots); slot <= slotsPassed; slot++) {
      sum += counts[(int) (slot % SLOTS)];
    }
    return Math.max(0, sum) * SECOND_NANOS / span;
  }

  private void advance(long nowNanos) {
    var slot = Math.max(0, nowNanos - beganAt) / SLOT_NANOS;
    if (slot - slotsPassed >= SLOTS) {
      Arrays.fill(counts, 0);
    } else {
      for (long passed = slotsPassed + 1; passed <= slot; passed++) {
        counts[(int) (passed % SLOTS)] = 0;
      }
    }
    slotsPassed = Math.max(slotsPassed, slot);
  }
}
