package io.penstock.worker.limit;

import io.penstock.schemas.avro.Lane;
import io.penstock.worker.limit.Admission.Busy;
import io.penstock.worker.limit.Admission.Granted;
import io.penstock.worker.limit.Admission.Later;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hands out a pool's permits: the smallest of concurrency, requests per minute, tokens per minute,
 * and the pause after a 429, all scaled to this worker's share. Not thread-safe; time is
 * nanoseconds of one monotonic clock.
 */
public final class PoolLimiter {

  /** Pause after a 429 that does not say how long. */
  public static final Duration PAUSE_DEFAULT = Duration.ofMillis(500);

  // what is spent a little below the limit: jitter on the way must not make a burst of it
  private static final double RATE_USED = 0.985;
  // batch leaves this part of the permits to callers who wait
  private static final int RESERVE_DIVISOR = 20;

  private PoolLimits limits;
  private Share share = Share.NONE;
  private final Concurrency concurrency = new Concurrency(0);
  private @Nullable Long requestsLearned;
  private @Nullable Long tokensLearned;
  private @Nullable TokenBucket requests;
  private @Nullable TokenBucket tokens;
  private int running;
  private boolean paused;
  private long pausedUntil;

  public PoolLimiter(PoolLimits limits) {
    this.limits = limits;
  }

  /** Puts other limits in force. */
  public void configure(PoolLimits newLimits, long nowNanos) {
    limits = newLimits;
    apply(nowNanos);
  }

  /** Puts another share in force. */
  public void share(Share newShare, long nowNanos) {
    share = newShare;
    apply(nowNanos);
  }

  /** The share in force. */
  public Share share() {
    return share;
  }

  /** Calls that hold a permit: running, or their outcome is on its way. */
  public int running() {
    return running;
  }

  /** Calls that may run at once now. */
  public int concurrencyLimit() {
    return concurrency.limit();
  }

  /** How long the pool still has to keep off; 0 when it does not. */
  public long pauseLeftNanos(long nowNanos) {
    return paused ? Math.max(0, pausedUntil - nowNanos) : 0;
  }

  /**
   * Asks for one call.
   *
   * @param tokenCount its estimated tokens
   */
  public Admission admit(Lane lane, long tokenCount, long nowNanos) {
    if (running >= concurrencyFor(lane)) {
      return new Busy();
    }
    var wait = pauseLeftNanos(nowNanos);
    if (wait == 0) {
      paused = false;
    }
    wait = Math.max(wait, requests == null ? 0 : requests.waitNanos(1, nowNanos));
    wait = Math.max(wait, tokens == null ? 0 : tokens.waitNanos(tokenCount, nowNanos));
    if (wait > 0) {
      return new Later(wait);
    }
    if (requests != null) {
      requests.take(1, nowNanos);
    }
    if (tokens != null) {
      tokens.take(tokenCount, nowNanos);
    }
    running++;
    return new Granted(tokenCount);
  }

  /**
   * Gives a permit back. Not when the answer comes, but when its outcome is durable: so no more
   * calls than permits can ever be in doubt, and nobody calls while outcomes cannot be written.
   */
  public void released() {
    running--;
  }

  /** Learns from an answer, as soon as it comes. */
  public void answered(Feedback feedback, long nowNanos) {
    concurrency.answered(
        feedback.kind() == Feedback.Kind.TAKEN
            ? Concurrency.Verdict.TAKEN
            : Concurrency.Verdict.REFUSED);
    var used = feedback.tokensUsed();
    if (tokens != null && used != null) {
      tokens.correct(feedback.tokensReserved(), used);
    }
    learn(feedback.headers(), nowNanos);
    if (feedback.kind() == Feedback.Kind.RATE_LIMITED) {
      var pause = feedback.pause();
      pause(pause == null ? PAUSE_DEFAULT : pause, nowNanos);
    }
  }

  private void pause(Duration time, long nowNanos) {
    var until = nowNanos + time.toNanos();
    // a later, shorter word does not end an earlier, longer pause
    if (!paused || until - pausedUntil > 0) {
      pausedUntil = until;
    }
    paused = true;
  }

  private void learn(RateHeaders headers, long nowNanos) {
    if (headers == RateHeaders.NONE) {
      return;
    }
    var newRequests = learned(headers.requests(), requestsLearned);
    var newTokens = learned(headers.tokens(), tokensLearned);
    if (!java.util.Objects.equals(newRequests, requestsLearned)
        || !java.util.Objects.equals(newTokens, tokensLearned)) {
      requestsLearned = newRequests;
      tokensLearned = newTokens;
      apply(nowNanos);
    }
    // A bucket of ours paces what it knows. Only where there is none does "nothing left" have to
    // stop us.
    pauseWhenExhausted(headers.requests(), requests, nowNanos);
    pauseWhenExhausted(headers.tokens(), tokens, nowNanos);
  }

  private static @Nullable Long learned(
      RateHeaders.@Nullable Window window, @Nullable Long before) {
    var perMinute = window == null ? null : window.perMinute();
    return perMinute == null ? before : perMinute;
  }

  private void pauseWhenExhausted(
      RateHeaders.@Nullable Window window, @Nullable TokenBucket bucket, long nowNanos) {
    var time = window == null || bucket != null ? null : window.exhaustedFor();
    if (time != null && !time.isZero()) {
      pause(time, nowNanos);
    }
  }

  private int concurrencyFor(Lane lane) {
    var limit = concurrency.limit();
    return lane == Lane.INTERACTIVE ? limit : limit - limit / RESERVE_DIVISOR;
  }

  private void apply(long nowNanos) {
    concurrency.configure(share.of(limits.concurrencyMax()));
    requests = bucket(requests, limits.requestsPerMinute(), requestsLearned, nowNanos);
    tokens = bucket(tokens, limits.tokensPerMinute(), tokensLearned, nowNanos);
  }

  private @Nullable TokenBucket bucket(
      @Nullable TokenBucket present,
      @Nullable Long configured,
      @Nullable Long learned,
      long nowNanos) {
    var perMinute = configured == null ? learned : configured;
    if (perMinute == null) {
      return null;
    }
    var rate = share.ofRate(perMinute * RATE_USED);
    if (rate <= 0) {
      return present;
    }
    if (present == null) {
      return new TokenBucket(rate, nowNanos);
    }
    present.configure(rate, nowNanos);
    return present;
  }
}
