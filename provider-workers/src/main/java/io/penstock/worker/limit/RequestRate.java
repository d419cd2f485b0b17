package io.penstock.worker.limit;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How fast requests may begin at a provider that counts them. Where its limit is known, that is the
 * rate, and less only while it keeps refusing. Where it is not, the limit is looked for:
 *
 * <pre>
 *   STARTING  rounds of requests, each twice the last, until many of the last answers are refusals
 *   FREE      many rounds without: no limit in sight
 *   FOUND     a refusal cuts to just below what was accepted; from there the rate comes back
 *             quickly, lingers where it was refused, and then tries more, faster and faster
 * </pre>
 *
 * <p>The curve is the one of TCP's CUBIC (RFC 9438, section 4.2): most of the time is spent near
 * the limit, little of it above. Not thread-safe; time is nanoseconds of one monotonic clock.
 */
final class RequestRate {

  // requests of the first round, of all workers together
  private static final double FIRST_ROUND = 20;
  private static final double ROUND_GROWTH = 2;
  private static final double FREE_ROUND = 1000;
  private static final long ROUND_NANOS = 500_000_000L;
  // part of the rate that a cut leaves
  private static final double KEPT = 0.92;
  // time from a cut until the rate is back where it was refused
  private static final double CURVE_NANOS = 20e9;
  // part of the last minute's rate that comes back quickly, doubling every second
  private static final double BACK = 0.9;
  // part of the last minute's rate below which no cut goes
  private static final double FLOOR = 0.25;
  // refused again so soon after a cut: the limit is much lower
  private static final long AGAIN_NANOS = 5_000_000_000L;
  private static final long NOISE_NANOS = 10_000_000_000L;
  private static final double CUT_MOST = 0.4;
  private static final double CUT_LEAST = 0.9;
  private static final double ACCEPTED_MARGIN = 1.2;
  private static final double UNUSED_MARGIN = 1.05;
  private static final double SECOND_NANOS = 1e9;
  private static final double SECONDS_PER_MINUTE = 60;
  // of each worker: a single refusal of a rare request says little about the limit
  private static final double RATE_LEAST = 1;

  // of the last 32 answers: with fewer refusals than this a limit is not yet believed in, be it
  // unknown or known; with so many as the third it is even where much more was accepted before
  private static final int REFUSALS_TO_SEE = 8;
  private static final int REFUSALS_AT_KNOWN = 4;
  private static final int REFUSALS_WHIMS = 6;
  // of the last 32 requests, in the order in which they began: without so many, what looks like
  // an unknown limit is that refusals are heard of before other answers
  private static final int REFUSALS_IN_BURST = 7;
  // part of the best rate of late that was accepted: a refusal below it is a whim
  private static final double BELOW_BEST = 0.7;
  // so many whims, and what was believed in is no limit
  private static final int WHIMS = 3;
  private static final long BEST_NANOS = 5_000_000_000L;
  private static final double BEST_HALF_LIFE_NANOS = 60e9;

  private enum Phase {
    STARTING,
    FREE,
    FOUND
  }

  private final Throughput throughput;
  private @Nullable TokenBucket bucket;
  private @Nullable Double knownOfAll;
  private @Nullable Double known;
  private double share;
  private Phase phase;
  private double round;
  private long roundSent;
  private long roundAnswered;
  private long roundSentAt;
  private double peak;
  private long cutAt;
  private long episodeAt;
  private boolean refusedBefore;
  private final RecentRefusals recent = new RecentRefusals();
  // the last 32 answers, latest in the lowest bit; set for a refusal
  private int latest;
  private double best;
  private int whims;
  private long bestAt;

  private RequestRate(Phase phase, long nowNanos) {
    this.phase = phase;
    this.throughput = new Throughput(nowNanos);
    this.episodeAt = nowNanos;
    this.cutAt = nowNanos;
    this.bestAt = nowNanos;
  }

  /** Looks for a limit as long as none is known. */
  static RequestRate searching(long nowNanos) {
    return new RequestRate(Phase.STARTING, nowNanos);
  }

  /** Believes in no limit until one is known, or refusals show it. */
  static RequestRate free(long nowNanos) {
    return new RequestRate(Phase.FREE, nowNanos);
  }

  /**
   * Puts the known limit in force.
   *
   * @param perSecond of all workers together; absent when it is not known
   * @param newShare the part of it that this worker may spend; above 0
   */
  void limit(@Nullable Double perSecond, double newShare, long nowNanos) {
    if (share > 0) {
      round *= newShare / share;
      peak *= newShare / share;
    } else {
      round = FIRST_ROUND * newShare;
    }
    share = newShare;
    if (!Objects.equals(perSecond, knownOfAll)) {
      // what was found out about the limit before does not count any more
      phase = phase == Phase.FOUND ? Phase.FREE : phase;
      knownOfAll = perSecond;
    }
    known = perSecond == null ? null : perSecond * newShare;
    apply(nowNanos);
  }

  /** How long until a request may begin; 0 when it may. */
  long waitNanos(long nowNanos) {
    apply(nowNanos);
    if (bucket != null) {
      return bucket.waitNanos(1, nowNanos);
    }
    if (phase == Phase.STARTING && roundSent >= Math.max(1, (long) round)) {
      if (roundAnswered * 2 < roundSent && nowNanos - roundSentAt < ROUND_NANOS) {
        return Math.max(1, roundSentAt + ROUND_NANOS - nowNanos);
      }
      nextRound();
    }
    return 0;
  }

  private void nextRound() {
    round = Math.max(2, round) * ROUND_GROWTH;
    roundSent = 0;
    roundAnswered = 0;
    if (round > FREE_ROUND) {
      phase = Phase.FREE;
    }
  }

  /** A request begins; its number, by which its refusal is told. */
  long began(long nowNanos) {
    throughput.began(nowNanos);
    roundSent++;
    roundSentAt = nowNanos;
    if (bucket != null) {
      bucket.take(1, nowNanos);
    }
    return recent.began();
  }

  /** An answer that is no refusal. */
  void accepted() {
    latest <<= 1;
    roundAnswered++;
  }

  /**
   * A refusal.
   *
   * @param number of the request
   * @param grantedAt when it began
   * @param resumeAt when requests may begin again
   */
  void refused(long number, long grantedAt, long resumeAt, long nowNanos) {
    throughput.refused(grantedAt, nowNanos);
    recent.refused(number);
    latest = latest << 1 | 1;
    roundAnswered++;
    learnBest(nowNanos);
    if (whim(number, nowNanos)) {
      // the pause that follows a refusal is enough
      return;
    }
    whims = 0;
    if (refusedBefore && grantedAt - cutAt < 0) {
      // began before the rate was cut: the same news again
      return;
    }
    var sinceLast = nowNanos - episodeAt;
    var first = !refusedBefore;
    var accepted = throughput.perSecond(episodeAt, nowNanos);
    refusedBefore = true;
    var rate = rate(nowNanos);
    var limit = known;
    if (limit != null && rate >= limit && (first || sinceLast > NOISE_NANOS)) {
      // one refusal at the known limit is the jitter of the way, not another limit
      peak = limit;
      phase = Phase.FOUND;
      cut(limit / KEPT, resumeAt, nowNanos);
      return;
    }
    double next;
    if (Double.isInfinite(rate)) {
      next = accepted;
    } else if (sinceLast < AGAIN_NANOS + (cutAt - episodeAt)) {
      next = Math.clamp(accepted, rate * CUT_MOST, rate * CUT_LEAST);
    } else {
      next = Math.min(rate, accepted * ACCEPTED_MARGIN);
    }
    cut(next, resumeAt, nowNanos);
  }

  private void learnBest(long nowNanos) {
    var present = throughput.perSecond(nowNanos - BEST_NANOS, nowNanos);
    best = Math.max(present, best * Math.pow(0.5, (nowNanos - bestAt) / BEST_HALF_LIFE_NANOS));
    bestAt = nowNanos;
  }

  /** Whether a refusal says nothing about a limit: some providers refuse now and then. */
  private boolean whim(long number, long nowNanos) {
    var refusals = Integer.bitCount(latest);
    if (!limitInSight(nowNanos)) {
      return known == null
          ? refusals < REFUSALS_TO_SEE || recent.upTo(number) < REFUSALS_IN_BURST
          : refusals < REFUSALS_AT_KNOWN;
    }
    if (refusals >= REFUSALS_WHIMS || rate(nowNanos) > BELOW_BEST * best) {
      return false;
    }
    whims++;
    if (whims >= WHIMS) {
      searchAgain(nowNanos);
    }
    return true;
  }

  /** There was no limit where one was believed in. */
  private void searchAgain(long nowNanos) {
    whims = 0;
    phase = known == null ? Phase.STARTING : Phase.FREE;
    round = Math.max(FIRST_ROUND * share, best);
    roundSent = 0;
    roundAnswered = 0;
    apply(nowNanos);
  }

  /** Whether we are held below what is known, or were when nothing is. */
  private boolean limitInSight(long nowNanos) {
    return phase == Phase.FOUND && (known == null || found(nowNanos) < known);
  }

  private void cut(double newPeak, long resumeAt, long nowNanos) {
    phase = Phase.FOUND;
    peak = Math.max(Math.max(newPeak, RATE_LEAST), FLOOR * throughput.perSecond(nowNanos));
    episodeAt = nowNanos;
    cutAt = Math.max(nowNanos, resumeAt);
    apply(nowNanos);
  }

  /** Requests a second that may begin now; infinite when no limit is in sight. */
  double rate(long nowNanos) {
    var found = phase == Phase.FOUND ? found(nowNanos) : Double.POSITIVE_INFINITY;
    return known == null ? found : Math.min(known, found);
  }

  private double found(long nowNanos) {
    var since = Math.max(0, nowNanos - cutAt);
    var x = since / CURVE_NANOS - 1;
    var curve = peak * (1 + (1 - KEPT) * x * x * x);
    // What was accepted over the last minute is near what will be: a window of the provider's that
    // was used up early must not make us slow in the next one.
    var back =
        Math.min(BACK * throughput.perSecond(nowNanos), peak * Math.pow(2, since / SECOND_NANOS));
    if (x <= 0) {
      return Math.max(curve, back);
    }
    // where less is asked for than allowed, nothing is learned, and a burst shall not find out
    var used = throughput.perSecond(cutAt, nowNanos);
    return Math.max(back, Math.min(curve, Math.max(peak * UNUSED_MARGIN, used * 2)));
  }

  private void apply(long nowNanos) {
    var rate = rate(nowNanos);
    if (Double.isInfinite(rate)) {
      bucket = null;
    } else if (bucket == null) {
      bucket = new TokenBucket(rate * SECONDS_PER_MINUTE, nowNanos);
    } else {
      bucket.configure(rate * SECONDS_PER_MINUTE, nowNanos);
    }
  }

  /** No request begins before this moment, and none of the waiting time is made up for. */
  void holdUntil(long momentNanos, long nowNanos) {
    if (bucket != null) {
      bucket.lowerTo(1, nowNanos);
      bucket.holdUntil(momentNanos);
    }
  }

  /** Holds no more than this: somebody else has taken from the same limit. */
  void lowerTo(double requests, long nowNanos) {
    if (bucket != null) {
      bucket.lowerTo(requests, nowNanos);
    }
  }

  /** Which part of what may begin at once is left. */
  double room(long nowNanos) {
    return bucket == null ? 1 : bucket.filled(nowNanos);
  }
}
