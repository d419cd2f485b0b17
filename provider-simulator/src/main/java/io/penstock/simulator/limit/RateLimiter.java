package io.penstock.simulator.limit;

import io.penstock.simulator.limit.Admission.Admitted;
import io.penstock.simulator.limit.Admission.Kind;
import io.penstock.simulator.limit.Admission.Refused;
import io.penstock.simulator.limit.RateLimits.LimitHeaders;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Both limits together: a call takes from both or from none. Safe for concurrent use; every method
 * holds the same lock.
 */
public final class RateLimiter {
  private RateLimits limits;
  private @Nullable TokenBucket requests;
  private @Nullable TokenBucket tokens;

  /** Starts with full buckets. */
  public RateLimiter(RateLimits limits, long nowNanos) {
    this.limits = limits;
    this.requests = bucket(limits.requestsPerMinute(), limits, nowNanos);
    this.tokens = bucket(limits.tokensPerMinute(), limits, nowNanos);
  }

  /** Puts other limits in force; the buckets start full again. */
  public synchronized void change(RateLimits next, long nowNanos) {
    limits = next;
    requests = bucket(next.requestsPerMinute(), next, nowNanos);
    tokens = bucket(next.tokensPerMinute(), next, nowNanos);
  }

  /** The limits in force. */
  public synchronized RateLimits limits() {
    return limits;
  }

  /** Asks for one request of so many tokens, and counts it if it is admitted. */
  public synchronized Admission admit(long nowNanos, long tokenCount) {
    long waitForRequests = requests == null ? 0 : requests.waitNanos(nowNanos, 1);
    long waitForTokens = tokens == null ? 0 : tokens.waitNanos(nowNanos, tokenCount);
    if (waitForRequests > 0 || waitForTokens > 0) {
      return waitForRequests >= waitForTokens
          ? refused(Kind.REQUESTS, limits.requestsPerMinute(), 1, waitForRequests, nowNanos)
          : refused(Kind.TOKENS, limits.tokensPerMinute(), tokenCount, waitForTokens, nowNanos);
    }
    if (requests != null) {
      requests.take(nowNanos, 1);
    }
    if (tokens != null) {
      tokens.take(nowNanos, tokenCount);
    }
    return new Admitted(state(requests, nowNanos), state(tokens, nowNanos));
  }

  private Refused refused(
      Kind kind, OptionalLong perMinute, long requested, long waitNanos, long nowNanos) {
    return new Refused(
        kind,
        perMinute.orElseThrow(),
        requested,
        waitNanos,
        state(requests, nowNanos),
        state(tokens, nowNanos));
  }

  private Optional<LimitState> state(@Nullable TokenBucket bucket, long nowNanos) {
    return bucket == null || limits.headers() == LimitHeaders.HIDDEN
        ? Optional.empty()
        : Optional.of(bucket.state(nowNanos));
  }

  private static @Nullable TokenBucket bucket(
      OptionalLong perMinute, RateLimits limits, long nowNanos) {
    return perMinute.isPresent()
        ? new TokenBucket(perMinute.getAsLong(), limits.burst(), nowNanos)
        : null;
  }
}
