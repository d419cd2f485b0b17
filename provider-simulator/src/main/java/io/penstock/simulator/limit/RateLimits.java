package io.penstock.simulator.limit;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * What the provider allows: requests and tokens per minute, each optional, and how much of it may
 * come at once.
 *
 * @param burst the buckets hold what this much time refills, at least one request or token
 * @param headers whether answers tell the limits
 * @param counted what has these limits for itself
 */
public record RateLimits(
    OptionalLong requestsPerMinute,
    OptionalLong tokensPerMinute,
    Duration burst,
    LimitHeaders headers,
    Counted counted) {
  private static final long PER_MINUTE_MAX = 100_000_000L;
  private static final Duration BURST_DEFAULT = Duration.ofSeconds(1);
  private static final Duration BURST_MAX = Duration.ofMinutes(1);

  /** Whether answers carry the {@code x-ratelimit-*} headers. */
  public enum LimitHeaders {
    /** As OpenAI does. */
    SENT,
    /** A provider that says nothing before it says 429. */
    HIDDEN
  }

  /** What calls are counted together. */
  public enum Counted {
    /** All of a key. */
    BY_KEY,
    /** Those of a key for the same model, as most providers do. */
    BY_MODEL
  }

  /**
   * @throws IllegalArgumentException if a rate is not from 1 to 100 million or the burst is not
   *     from 1 ms to 1 min
   */
  public RateLimits {
    requireInRange("requests", requestsPerMinute);
    requireInRange("tokens", tokensPerMinute);
    if (burst.toMillis() < 1 || burst.compareTo(BURST_MAX) > 0) {
      throw new IllegalArgumentException("the burst must be from 1ms to 1m");
    }
  }

  /** No limits. */
  public static RateLimits unlimited() {
    return new RateLimits(
        OptionalLong.empty(),
        OptionalLong.empty(),
        BURST_DEFAULT,
        LimitHeaders.SENT,
        Counted.BY_KEY);
  }

  /** Both limits, with one second's worth at once. */
  public static RateLimits perMinute(long requests, long tokens) {
    return unlimited().withRequests(requests).withTokens(tokens);
  }

  /** The same with another limit on requests. */
  public RateLimits withRequests(long perMinute) {
    return withRates(OptionalLong.of(perMinute), tokensPerMinute);
  }

  /** The same with another limit on tokens. */
  public RateLimits withTokens(long perMinute) {
    return withRates(requestsPerMinute, OptionalLong.of(perMinute));
  }

  /** The same with other rates; empty means unlimited. */
  public RateLimits withRates(OptionalLong requests, OptionalLong tokens) {
    return new RateLimits(requests, tokens, burst, headers, counted);
  }

  /** The same with another burst. */
  public RateLimits withBurst(Duration time) {
    return new RateLimits(requestsPerMinute, tokensPerMinute, time, headers, counted);
  }

  /** The same, telling its limits or not. */
  public RateLimits withHeaders(LimitHeaders choice) {
    return new RateLimits(requestsPerMinute, tokensPerMinute, burst, choice, counted);
  }

  /** The same, counted otherwise. */
  public RateLimits withCounted(Counted choice) {
    return new RateLimits(requestsPerMinute, tokensPerMinute, burst, headers, choice);
  }

  private static void requireInRange(String name, OptionalLong perMinute) {
    if (perMinute.isPresent()
        && (perMinute.getAsLong() < 1 || perMinute.getAsLong() > PER_MINUTE_MAX)) {
      throw new IllegalArgumentException(
          "the limit on " + name + " per minute must be from 1 to " + PER_MINUTE_MAX);
    }
  }
}
