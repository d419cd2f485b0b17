package io.penstock.simulator.limit;

import java.util.ArrayList;
import java.util.List;

/** A limiter for each key, and one for callers without a known key. Safe for concurrent use. */
public final class KeyLimiters {
  private final List<RateLimiter> limiters;

  /** Starts with full buckets, all with the same limits. */
  public KeyLimiters(int keys, RateLimits limits, long nowNanos) {
    var all = new ArrayList<RateLimiter>();
    for (int key = 0; key <= keys; key++) {
      all.add(new RateLimiter(limits, nowNanos));
    }
    this.limiters = List.copyOf(all);
  }

  /** The limiter of a key; number 0 is that of callers without one. */
  public RateLimiter of(int key) {
    return limiters.get(key);
  }

  /** The limits of callers without a key. */
  public RateLimits limits() {
    return limiters.getFirst().limits();
  }

  /** Puts other limits in force for all. */
  public void change(RateLimits next, long nowNanos) {
    for (var limiter : limiters) {
      limiter.change(next, nowNanos);
    }
  }

  /**
   * Puts other limits in force for one key.
   *
   * @throws IllegalArgumentException if there is no such key
   */
  public void change(int key, RateLimits next, long nowNanos) {
    if (key < 1 || key >= limiters.size()) {
      throw new IllegalArgumentException(
          "there is no key " + key + "; there are " + (limiters.size() - 1));
    }
    limiters.get(key).change(next, nowNanos);
  }
}
