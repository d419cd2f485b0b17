package io.penstock.simulator.limit;

import java.time.Duration;

/**
 * A bucket that refills at a steady rate, kept as one number: the moment at which it will be full
 * again. Not safe for concurrent use; {@link RateLimiter} guards it.
 */
final class TokenBucket {
  private static final long MINUTE_NANOS = 60_000_000_000L;
  private static final long UNITS_MAX = 100_000_000L;

  private final long perMinute;
  private final long burstNanos;
  private long fullAtNanos;

  /** Starts full. */
  TokenBucket(long perMinute, Duration burst, long nowNanos) {
    this.perMinute = perMinute;
    this.burstNanos = Math.max(burst.toNanos(), costNanos(perMinute, 1));
    this.fullAtNanos = nowNanos;
  }

  /**
   * How long to wait until so many units are there; 0 if they are. Who wants more than the bucket
   * holds is served when it is full and leaves it in debt: otherwise such a call could never be
   * served.
   */
  long waitNanos(long nowNanos, long units) {
    long debt = debtNanos(nowNanos);
    long cost = costNanos(perMinute, units);
    return cost > burstNanos ? debt : Math.max(0, debt + cost - burstNanos);
  }

  void take(long nowNanos, long units) {
    fullAtNanos = nowNanos + debtNanos(nowNanos) + costNanos(perMinute, units);
  }

  LimitState state(long nowNanos) {
    long debt = debtNanos(nowNanos);
    long remaining = Math.max(0, burstNanos - debt) * perMinute / MINUTE_NANOS;
    return new LimitState(perMinute, remaining, debt);
  }

  private long debtNanos(long nowNanos) {
    return Math.max(0, fullAtNanos - nowNanos);
  }

  private static long costNanos(long perMinute, long units) {
    return Math.min(units, UNITS_MAX) * MINUTE_NANOS / perMinute;
  }
}
