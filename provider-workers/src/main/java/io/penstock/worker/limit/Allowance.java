package io.penstock.worker.limit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one model of a credential, or all of them together, may still be asked, scaled to this
 * worker's share: requests and tokens per minute, as configured or as the provider's headers tell,
 * whichever is less, or as refusals show; and the pause after a 429. Not thread-safe; time is
 * nanoseconds of one monotonic clock.
 */
final class Allowance {

  // what is spent a little below the limit: jitter on the way must not make a burst of it
  private static final double RATE_USED = 0.985;
  private static final double SECONDS_PER_MINUTE = 60;
  private static final int SILENT_DOUBLINGS_MAX = 4;

  private final RequestRate requests;
  private PerMinute limits = PerMinute.UNKNOWN;
  private Share share = Share.NONE;
  private final Told requestsTold = new Told();
  private final Told tokensTold = new Told();
  private @Nullable Long requestsLearned;
  private @Nullable Long tokensLearned;
  private @Nullable Long inputLearned;
  private @Nullable Long outputLearned;
  private @Nullable TokenBucket tokens;
  private @Nullable TokenBucket inputTokens;
  private @Nullable TokenBucket outputTokens;
  private int silentPauses;
  private boolean told;
  private long toldUntil;
  private boolean pausedBefore;
  private boolean paused;
  private long pausedUntil;

  private Allowance(RequestRate requests) {
    this.requests = requests;
  }

  /** Of one model: a limit that nobody knows is looked for. */
  static Allowance ofModel(long nowNanos) {
    return new Allowance(RequestRate.searching(nowNanos));
  }

  /** Of all models together: without a limit until one is known, or refused in the name of all. */
  static Allowance ofAll(long nowNanos) {
    return new Allowance(RequestRate.free(nowNanos));
  }

  void configure(PerMinute newLimits, Share newShare, long nowNanos) {
    limits = newLimits;
    share = newShare;
    apply(nowNanos);
  }

  /** How long until this call may begin; 0 when it may. */
  long waitNanos(TokenCount count, long nowNanos) {
    var wait = Math.max(pauseLeftNanos(nowNanos), requests.waitNanos(nowNanos));
    wait = Math.max(wait, wait(tokens, count.total(), nowNanos));
    wait = Math.max(wait, wait(inputTokens, count.input(), nowNanos));
    return Math.max(wait, wait(outputTokens, count.output(), nowNanos));
  }

  /** Which part of what may begin at once is left. */
  double room(long nowNanos) {
    var room = requests.room(nowNanos);
    room = tokens == null ? room : Math.min(room, tokens.filled(nowNanos));
    room = inputTokens == null ? room : Math.min(room, inputTokens.filled(nowNanos));
    return outputTokens == null ? room : Math.min(room, outputTokens.filled(nowNanos));
  }

  /** A call begins; its number, by which its refusal is told. */
  long take(TokenCount count, long nowNanos) {
    take(tokens, count.total(), nowNanos);
    take(inputTokens, count.input(), nowNanos);
    take(outputTokens, count.output(), nowNanos);
    return requests.began(nowNanos);
  }

  /** An answer that is no refusal by this limit. */
  void accepted() {
    requests.accepted();
  }

  /**
   * A refusal by this limit.
   *
   * @param number of the call, as {@link #take} gave it
   * @param grantedAt when it began
   * @param word how long the provider wants to be left alone; absent when it did not say
   */
  void refused(long number, long grantedAt, @Nullable Duration word, long nowNanos) {
    pause(word == null ? silentPause(grantedAt) : shorter(word), nowNanos);
    toldUntil = pausedUntil;
    told = true;
    requests.refused(number, grantedAt, pausedUntil, nowNanos);
    requests.holdUntil(pausedUntil, nowNanos);
  }

  /**
   * The request itself waits as long as it was told. Others ask again sooner: the word may be about
   * a limit of a day that is lifted within it, or about something of this request alone.
   */
  private static Duration shorter(Duration word) {
    return word.compareTo(PoolLimiter.PAUSE_MAX) < 0 ? word : PoolLimiter.PAUSE_MAX;
  }

  /** Without a word from the provider: longer each time that the last pause was too short. */
  private Duration silentPause(long grantedAt) {
    var pause = PoolLimiter.PAUSE_DEFAULT.multipliedBy(1L << silentPauses);
    var since = grantedAt - pausedUntil;
    if (!pausedBefore || since > pause.toNanos()) {
      silentPauses = 0;
    } else if (since >= 0) {
      silentPauses = Math.min(SILENT_DOUBLINGS_MAX, silentPauses + 1);
    }
    return PoolLimiter.PAUSE_DEFAULT.multipliedBy(1L << silentPauses);
  }

  /** Replaces the estimate by all tokens that were really used. */
  void settled(TokenCount reserved, long used) {
    correct(tokens, reserved.total(), used);
    if (used == 0) {
      correct(inputTokens, reserved.input(), 0);
      correct(outputTokens, reserved.output(), 0);
    }
  }

  /** Replaces the estimate by what was really used, where input and output are limited apart. */
  void used(TokenCount reserved, TokenCount used) {
    correct(inputTokens, reserved.input(), used.input());
    correct(outputTokens, reserved.output(), used.output());
  }

  /** Another worker was told to keep off. */
  void pausedElsewhere(Duration time, long nowNanos) {
    pause(time, nowNanos);
    requests.holdUntil(pausedUntil, nowNanos);
  }

  private void pause(Duration time, long nowNanos) {
    var until = nowNanos + time.toNanos();
    // a later, shorter word does not end an earlier, longer pause
    if (!paused || until - pausedUntil > 0) {
      pausedUntil = until;
    }
    paused = true;
    pausedBefore = true;
  }

  /** How long the provider still wants to be left alone; 0 when it does not. */
  long pauseLeftNanos(long nowNanos) {
    if (paused && pausedUntil - nowNanos <= 0) {
      paused = false;
    }
    return paused ? pausedUntil - nowNanos : 0;
  }

  /** The part of the pause that the provider told this worker itself, for the others to know. */
  long toldLeftNanos(long nowNanos) {
    if (told && toldUntil - nowNanos <= 0) {
      told = false;
    }
    return told ? toldUntil - nowNanos : 0;
  }

  @Nullable Long requestsLearned() {
    return requestsLearned;
  }

  @Nullable Long tokensLearned() {
    return tokensLearned;
  }

  /** Learns from the limit headers of an answer. */
  void learn(RateHeaders headers, long nowNanos) {
    if (headers == RateHeaders.NONE) {
      return;
    }
    requestsLearned = learned(headers.requests(), requestsLearned);
    tokensLearned = learned(headers.tokens(), tokensLearned);
    inputLearned = learned(headers.inputTokens(), inputLearned);
    requestsTold.hear(headers.requests());
    tokensTold.hear(headers.tokens());
    outputLearned = learned(headers.outputTokens(), outputLearned);
    apply(nowNanos);
    var requestsLeft = remaining(headers.requests());
    if (requestsLeft != null) {
      // One more than is left: what comes back while the answer travels. Nothing left slows down a
      // burst, not the pace.
      requests.lowerTo(share.ofRate(requestsLeft) + 1, nowNanos);
    }
    lower(tokens, headers.tokens(), nowNanos);
    lower(inputTokens, headers.inputTokens(), nowNanos);
    lower(outputTokens, headers.outputTokens(), nowNanos);
    // A rate that is known paces what it knows. Only where there is none does "nothing left" have
    // to stop us.
    pauseWhenExhausted(
        headers.requests(), known(limits.requests(), requestsLearned, requestsTold), nowNanos);
    pauseWhenExhausted(
        headers.tokens(), known(limits.tokens(), tokensLearned, tokensTold), nowNanos);
    pauseWhenExhausted(headers.inputTokens(), inputLearned, nowNanos);
    pauseWhenExhausted(headers.outputTokens(), outputLearned, nowNanos);
  }

  private static @Nullable Long learned(
      RateHeaders.@Nullable Window window, @Nullable Long before) {
    var perMinute = window == null ? null : window.perMinute();
    return perMinute == null ? before : perMinute;
  }

  private static @Nullable Long remaining(RateHeaders.@Nullable Window window) {
    return window == null ? null : window.remaining();
  }

  private void lower(
      @Nullable TokenBucket bucket, RateHeaders.@Nullable Window window, long nowNanos) {
    var left = remaining(window);
    if (bucket != null && left != null) {
      bucket.lowerTo(Math.max(1, share.ofRate(left)), nowNanos);
    }
  }

  private void pauseWhenExhausted(
      RateHeaders.@Nullable Window window, @Nullable Long known, long nowNanos) {
    var time = window == null || known != null ? null : window.exhaustedFor();
    if (time != null && !time.isZero()) {
      pause(time, nowNanos);
    }
  }

  private static @Nullable Long known(
      @Nullable Long configured, @Nullable Long learned, Told told) {
    return configured == null ? learned : (Long) told.bound(configured);
  }

  private void apply(long nowNanos) {
    if (share.owned() == 0) {
      return;
    }
    var perMinute = known(limits.requests(), requestsLearned, requestsTold);
    requests.limit(
        perMinute == null ? null : perMinute * RATE_USED / SECONDS_PER_MINUTE,
        share.ofRate(1),
        nowNanos);
    tokens = bucket(tokens, known(limits.tokens(), tokensLearned, tokensTold), nowNanos);
    inputTokens = bucket(inputTokens, inputLearned, nowNanos);
    outputTokens = bucket(outputTokens, outputLearned, nowNanos);
  }

  private @Nullable TokenBucket bucket(
      @Nullable TokenBucket present, @Nullable Long perMinute, long nowNanos) {
    if (perMinute == null || perMinute <= 0) {
      return null;
    }
    var rate = share.ofRate(perMinute * RATE_USED);
    if (present == null) {
      return new TokenBucket(rate, nowNanos);
    }
    present.configure(rate, nowNanos);
    return present;
  }

  private static long wait(@Nullable TokenBucket bucket, long units, long nowNanos) {
    return bucket == null ? 0 : bucket.waitNanos(units, nowNanos);
  }

  private static void take(@Nullable TokenBucket bucket, long units, long nowNanos) {
    if (bucket != null) {
      bucket.take(units, nowNanos);
    }
  }

  private static void correct(@Nullable TokenBucket bucket, long reserved, long used) {
    if (bucket != null) {
      bucket.correct(reserved, used);
    }
  }
}
