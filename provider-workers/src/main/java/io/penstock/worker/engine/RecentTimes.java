package io.penstock.worker.engine;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The last measured times, a minute of them at most. Not thread-safe. */
final class RecentTimes {

  private static final int KEPT = 256;
  private static final Duration AGE_MAX = Duration.ofMinutes(1);

  private final long[] millis = new long[KEPT];
  private final long[] at = new long[KEPT];
  private int count;

  void add(long timeMillis, long nowNanos) {
    millis[count % KEPT] = timeMillis;
    at[count % KEPT] = nowNanos;
    count = count == 2 * KEPT - 1 ? KEPT : count + 1;
  }

  /** Their median; null when there is none. */
  @Nullable Long median(long nowNanos) {
    var sorted = new long[KEPT];
    var young = 0;
    for (int i = 0; i < Math.min(count, KEPT); i++) {
      if (nowNanos - at[i] <= AGE_MAX.toNanos()) {
        sorted[young++] = millis[i];
      }
    }
    if (young == 0) {
      return null;
    }
    Arrays.sort(sorted, 0, young);
    return sorted[young / 2];
  }
}
