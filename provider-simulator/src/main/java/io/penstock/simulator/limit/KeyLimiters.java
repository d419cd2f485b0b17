package io.penstock.simulator.limit;

import io.penstock.simulator.limit.RateLimits.Counted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A limiter for each key, and one for callers without a known key; where models are counted by
 * themselves, one for each model of each. Safe for concurrent use.
 */
public final class KeyLimiters {
  // whoever invents model names without end shares the limits of the key
  private static final int MODELS_MAX = 10_000;

  private record Limited(int key, String model) {}

  private final List<RateLimiter> limiters;
  private final Map<Limited, RateLimiter> byModel = new ConcurrentHashMap<>();

  /** Starts with full buckets, all with the same limits. */
  public KeyLimiters(int keys, RateLimits limits, long nowNanos) {
    var all = new ArrayList<RateLimiter>();
    for (int key = 0; key <= keys; key++) {
      all.add(new RateLimiter(limits, nowNanos));
    }
    this.limiters = List.copyOf(all);
  }

  /**
   * The limiter of a call.
   *
   * @param key number 0 is that of callers without one
   */
  public RateLimiter of(int key, String model, long nowNanos) {
    var ofKey = limiters.get(key);
    var limits = ofKey.limits();
    var limited = new Limited(key, model);
    if (limits.counted() == Counted.BY_KEY
        || (byModel.size() >= MODELS_MAX && !byModel.containsKey(limited))) {
      return ofKey;
    }
    return byModel.computeIfAbsent(limited, _ -> new RateLimiter(limits, nowNanos));
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
    byModel.clear();
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
    byModel.keySet().removeIf(limited -> limited.key() == key);
  }
}
