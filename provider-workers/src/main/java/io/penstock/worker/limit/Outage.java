package io.penstock.worker.limit;

import java.time.Duration;

/**
 * Keeps a credential out of use for a while after the provider refused it, longer each time. The
 * last one in use goes only after several refusals in a row: a single request for a model that the
 * credential may not use must not silence a pool. Not thread-safe.
 */
final class Outage {

  private static final Duration FIRST = Duration.ofSeconds(5);
  private static final int DOUBLINGS_MAX = 6;
  private static final int REFUSALS = 3;

  private int refusals;
  private int times;
  private boolean out;
  private long until;

  /**
   * An answer came.
   *
   * @param replaceable whether another credential can serve meanwhile
   */
  void note(Standing standing, boolean replaceable, long nowNanos) {
    switch (standing) {
      case GOOD -> {
        refusals = 0;
        times = 0;
        out = false;
      }
      case DOUBTFUL -> refuse(REFUSALS, nowNanos);
      case BAD -> refuse(replaceable ? 1 : REFUSALS, nowNanos);
    }
  }

  private void refuse(int enough, long nowNanos) {
    refusals++;
    if (leftNanos(nowNanos) > 0 || refusals < enough) {
      return;
    }
    until = nowNanos + FIRST.toNanos() * (1L << Math.min(times, DOUBLINGS_MAX));
    out = true;
    times++;
    // one more refusal after the return is enough to see that nothing has changed
    refusals = REFUSALS - 1;
  }

  /** The secret has changed: what was refused is gone. */
  void end() {
    refusals = 0;
    times = 0;
    out = false;
  }

  /** How long it is still out of use; 0 when it is not. */
  long leftNanos(long nowNanos) {
    return out ? Math.max(0, until - nowNanos) : 0;
  }
}
