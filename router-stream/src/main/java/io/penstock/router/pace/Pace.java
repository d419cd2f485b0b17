package io.penstock.router.pace;

import io.penstock.router.pace.Count.Waiter;
import io.penstock.router.pace.Taking.Take;
import io.penstock.schemas.avro.RateLimitStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which limits a request has to keep to, and whether they all have room for it: all, or none. */
public final class Pace {

  /**
   * When to ask again for one of the requests that may be open at the same time: nobody knows when
   * one ends.
   */
  static final long CONCURRENCY_RETRY_MILLIS = 1_000;

  private static final long NEVER = Long.MAX_VALUE;

  private static final List<Measure> OF_CALLERS =
      List.of(Measure.REQUESTS, Measure.TOKENS, Measure.OPEN);

  private Pace() {}

  /** Whether a caller who waits may go on. */
  public sealed interface Verdict {

    /** How much was left; absent when nothing is limited by the minute. */
    @Nullable RateLimitStatus status();

    /** It may. */
    record Within(Taking taking, @Nullable RateLimitStatus status) implements Verdict {}

    /**
     * It may not, and nothing is taken.
     *
     * @param limit the first that has no room
     * @param measure of which it has none
     * @param allowed how much it allows
     * @param remaining how much is left
     * @param needed how much is needed
     * @param retryAfterMillis until all limits have room, as far as one can tell; absent when they
     *     never will
     */
    record Beyond(
        Limit limit,
        Measure measure,
        long allowed,
        long remaining,
        long needed,
        @Nullable Long retryAfterMillis,
        @Nullable RateLimitStatus status)
        implements Verdict {}
  }

  /** Whether it is a batch line's turn. */
  public sealed interface Turn {

    /** It is. */
    record Now(Taking taking) implements Turn {}

    /**
     * It is not: there is no room, or another was there first.
     *
     * @param first accounts on which it is the first in line from now on
     */
    record Later(List<String> first, Waiter waiter) implements Turn {

      public Later {
        first = List.copyOf(first);
      }
    }
  }

  /**
   * Asks for a request whose caller waits.
   *
   * @param tokens that it may use at most
   */
  public static Verdict ask(
      List<Limit> limits, Asker asker, long tokens, Levels levels, Instant at) {
    return verdict(checked(limits, asker, tokens, levels, at));
  }

  /**
   * What a request takes for which there is room, as {@link #ask} has said.
   *
   * @param tokens that it may use at most; no more than were asked for
   */
  public static Verdict.Within taken(
      List<Limit> limits, Asker asker, long tokens, Levels levels, Instant at) {
    return within(checked(limits, asker, tokens, levels, at));
  }

  private static List<Checked> checked(
      List<Limit> limits, Asker asker, long tokens, Levels levels, Instant at) {
    var checked = new ArrayList<Checked>(4);
    for (var limit : limits) {
      for (var value : limit.values(asker)) {
        for (var measure : OF_CALLERS) {
          var allowed = limit.allowed(measure);
          if (allowed != null) {
            checked.add(
                Checked.of(
                    limit,
                    measure,
                    allowed,
                    limit.account(measure, asker, value),
                    measure == Measure.TOKENS ? tokens : 1,
                    levels,
                    at.toEpochMilli()));
          }
        }
      }
    }
    return checked;
  }

  /**
   * Asks for a batch line: nothing but the queue counts, because it waits for providers in any
   * case. A line that is larger than the whole queue goes when it is the only one.
   *
   * @param since when it was accepted
   * @param tokens of its input
   */
  public static Turn turn(
      List<Limit> limits,
      Asker asker,
      String requestId,
      Instant since,
      long tokens,
      Levels levels,
      Instant at) {
    var now = at.toEpochMilli();
    var waiter = new Waiter(since.toEpochMilli(), requestId, now);
    var takes = new ArrayList<Take>(0);
    var first = new ArrayList<String>(0);
    var room = true;
    for (var limit : limits) {
      var allowed = limit.allowed(Measure.QUEUED);
      if (allowed == null) {
        continue;
      }
      for (var value : limit.values(asker)) {
        var account = limit.account(Measure.QUEUED, asker, value);
        var count = levels.count(account);
        var overtakes = count.belongsToAnother(waiter, now);
        var fits = count.taken() == 0 || tokens <= allowed - count.taken();
        room &= fits && !overtakes;
        if (!overtakes) {
          first.add(account);
        }
        takes.add(new Take(account, Measure.QUEUED, tokens, allowed));
      }
    }
    return room ? new Turn.Now(new Taking(takes)) : new Turn.Later(first, waiter);
  }

  /**
   * One account that was asked.
   *
   * @param bucket absent for one that is not paced
   * @param waitMillis until it has room: 0 now, {@link #NEVER} never
   */
  private record Checked(
      Limit limit, Take take, @Nullable Bucket bucket, long remaining, long waitMillis) {

    static Checked of(
        Limit limit,
        Measure measure,
        long allowed,
        String account,
        long amount,
        Levels levels,
        long now) {
      var take = new Take(account, measure, amount, allowed);
      if (!measure.paced()) {
        var left = Math.max(0, allowed - levels.count(account).taken());
        var wait = allowed < amount ? NEVER : left < amount ? CONCURRENCY_RETRY_MILLIS : 0;
        return new Checked(limit, take, null, left, wait);
      }
      var known = levels.bucket(account);
      var bucket = known == null ? Bucket.full(allowed, now) : known.at(allowed, now);
      var wait = bucket.tooSmallFor(amount) ? NEVER : bucket.waitMillis(amount);
      return new Checked(limit, take, bucket, bucket.remaining(), wait);
    }
  }

  private static Verdict verdict(List<Checked> checked) {
    Checked full = null;
    var wait = 0L;
    for (var each : checked) {
      if (each.waitMillis() > 0) {
        full = full == null ? each : full;
        wait = Math.max(wait, each.waitMillis());
      }
    }
    if (full == null) {
      return within(checked);
    }
    var take = full.take();
    return new Verdict.Beyond(
        full.limit(),
        take.measure(),
        take.limit(),
        full.remaining(),
        take.amount(),
        wait == NEVER ? null : wait,
        status(checked, false));
  }

  private static Verdict.Within within(List<Checked> checked) {
    return new Verdict.Within(
        new Taking(checked.stream().map(Checked::take).toList()), status(checked, true));
  }

  private static @Nullable RateLimitStatus status(List<Checked> checked, boolean taken) {
    var requests = tightest(checked, Measure.REQUESTS, taken);
    var tokens = tightest(checked, Measure.TOKENS, taken);
    if (requests == null && tokens == null) {
      return null;
    }
    return RateLimitStatus.newBuilder()
        .setRequestsLimit(requests == null ? null : requests.limit())
        .setRequestsRemaining(requests == null ? 0 : requests.remaining())
        .setRequestsResetMs(requests == null ? 0 : requests.resetMillis())
        .setTokensLimit(tokens == null ? null : tokens.limit())
        .setTokensRemaining(tokens == null ? 0 : tokens.remaining())
        .setTokensResetMs(tokens == null ? 0 : tokens.resetMillis())
        .build();
  }

  private static @Nullable Bucket tightest(List<Checked> checked, Measure measure, boolean taken) {
    Bucket tightest = null;
    for (var each : checked) {
      var bucket = each.bucket();
      if (bucket == null || each.take().measure() != measure) {
        continue;
      }
      var left = taken ? bucket.take(each.take().amount()) : bucket;
      if (tightest == null || left.remaining() < tightest.remaining()) {
        tightest = left;
      }
    }
    return tightest;
  }
}
