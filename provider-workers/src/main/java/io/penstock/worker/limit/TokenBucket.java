package io.penstock.worker.limit;

/**
 * A bucket of requests or tokens that refills at a steady rate and holds the worth of a short time.
 * Who wants more than it holds is served when it is full and leaves it in debt: otherwise such a
 * call could never be made. Not thread-safe; time is nanoseconds of one monotonic clock.
 */
public final class TokenBucket {

  private static final double MINUTE_NANOS = 60e9;
  // a provider that counts by the second sees at most this much more than a second's worth
  private static final double SECONDS_HELD = 0.5;
  private static final double SECONDS_PER_MINUTE = 60;

  private double perNano;
  private double capacity;
  private double level;
  private long refilledAt;

  /**
   * Starts half full. A provider's bucket may hold no more than a second's worth, and calls that
   * are late on their way meet those sent after them.
   *
   * @param perMinute units a minute, more than 0
   */
  public TokenBucket(double perMinute, long nowNanos) {
    this.refilledAt = nowNanos;
    configure(perMinute, nowNanos);
    this.level = Math.max(1, capacity / 2);
  }

  /** Changes the rate and keeps what is there, as far as it fits. */
  public void configure(double perMinute, long nowNanos) {
    if (!(perMinute > 0)) {
      throw new IllegalArgumentException("a bucket needs a rate above 0, not " + perMinute);
    }
    refill(nowNanos);
    perNano = perMinute / MINUTE_NANOS;
    capacity = Math.max(1, 1 + perMinute / SECONDS_PER_MINUTE * SECONDS_HELD);
    level = Math.min(level, capacity);
  }

  /** How long until so many units are there; 0 when they are. */
  public long waitNanos(long units, long nowNanos) {
    refill(nowNanos);
    var needed = Math.min(units, capacity);
    return level >= needed ? 0 : Math.max(1, (long) Math.ceil((needed - level) / perNano));
  }

  /** Takes units, which may leave the bucket in debt. */
  public void take(long units, long nowNanos) {
    refill(nowNanos);
    level -= units;
  }

  /** Replaces an estimate by what was really used. */
  public void correct(long reserved, long used) {
    level = Math.min(capacity, level + reserved - used);
  }

  /** Holds no more than this: somebody else has taken from the same limit. */
  public void lowerTo(double units, long nowNanos) {
    refill(nowNanos);
    level = Math.min(level, units);
  }

  /** The part of it that is there; below 0 in debt. */
  public double filled(long nowNanos) {
    refill(nowNanos);
    return level / capacity;
  }

  /** Refills no more before this moment. */
  public void holdUntil(long momentNanos) {
    refilledAt = Math.max(refilledAt, momentNanos);
  }

  private void refill(long nowNanos) {
    // whole elapsed time: a rounding error of doubles is far below one unit
    level = Math.min(capacity, level + Math.max(0, nowNanos - refilledAt) * perNano);
    refilledAt = Math.max(refilledAt, nowNanos);
  }
}
