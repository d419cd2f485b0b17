package io.penstock.worker.limit;

import io.penstock.schemas.avro.Lane;
import io.penstock.worker.limit.Admission.Busy;
import io.penstock.worker.limit.Admission.Granted;
import io.penstock.worker.limit.Admission.Later;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Workers with more to do than a provider allows, in virtual time and with one seed: requests
 * travel for 2 to 17 ms, refusals come back within 10 ms, timers are up to 1.5 ms late, a pause
 * reaches the other workers after 10 ms.
 */
final class LimitSimulation {

  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  /**
   * What is simulated.
   *
   * @param configured requests per minute that the catalogue says; absent when nobody knows
   * @param headers whether the provider's answers tell the limit
   * @param retryAfter whether its refusals tell how long to wait
   * @param latencySeconds of its answers, on average
   */
  record World(
      CountingProvider provider,
      int workers,
      @Nullable Long configured,
      boolean headers,
      boolean retryAfter,
      double latencySeconds,
      long seed) {}

  /**
   * What came of it.
   *
   * @param served calls that the provider took
   * @param refused its 429s
   */
  record Figures(long served, long refused) {
    /** The part of what the provider allowed that was used. */
    double goodput(double allowed) {
      return served / allowed;
    }

    /** The part of all answers that were 429s. */
    double refusedShare() {
      return (double) refused / Math.max(1, served + refused);
    }
  }

  private record Event(long at, long number, Runnable action) {}

  private final World world;
  private final Random random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private final List<PoolLimiter> limiters = new ArrayList<>();
  private final long[] alarms;
  private long numbers;
  private long now;
  private long served;
  private long refused;

  LimitSimulation(World world) {
    this.world = world;
    this.random = new Random(world.seed());
    this.alarms = new long[world.workers()];
    for (int i = 0; i < world.workers(); i++) {
      var limiter = new PoolLimiter(new PoolLimits(world.configured(), null, 1000), 0);
      limiter.share(new Share(12 / world.workers(), 12), 0);
      limiters.add(limiter);
      var worker = i;
      at(0, () -> pump(worker));
    }
  }

  /** Lets time pass; the figures are of this time alone. */
  Figures run(Duration time) {
    var servedBefore = served;
    var refusedBefore = refused;
    var end = now + time.toNanos();
    while (!events.isEmpty() && events.peek().at() <= end) {
      var event = events.remove();
      now = event.at();
      event.action().run();
    }
    now = end;
    return new Figures(served - servedBefore, refused - refusedBefore);
  }

  private void at(long moment, Runnable action) {
    events.add(new Event(moment, numbers++, action));
  }

  private long upTo(double millis) {
    return (long) (random.nextDouble() * millis * MILLI);
  }

  private void pump(int worker) {
    while (true) {
      switch (limiters.get(worker).admit(Lane.BATCH, new TokenCount(10, 10), now)) {
        case Granted(var permit) -> at(now + 2 * MILLI + upTo(15), () -> arrive(worker, permit));
        case Later(var wait) -> {
          alarm(worker, now + wait + upTo(1.5));
          return;
        }
        case Busy() -> {
          return;
        }
      }
    }
  }

  private void alarm(int worker, long moment) {
    if (alarms[worker] > now && alarms[worker] <= moment) {
      return;
    }
    alarms[worker] = moment;
    at(
        moment,
        () -> {
          if (alarms[worker] == moment) {
            alarms[worker] = 0;
            pump(worker);
          }
        });
  }

  private void arrive(int worker, Permit permit) {
    var wait = world.provider().ask(now);
    var headers =
        world.headers() ? new RateHeaders(world.provider().headers(now), null) : RateHeaders.NONE;
    if (wait == 0) {
      served++;
      var latency = (long) (world.latencySeconds() * SECOND * (0.5 + random.nextDouble()));
      at(
          now + latency + 2 * MILLI + upTo(5),
          () -> end(worker, permit, new Feedback(20, 20L, Feedback.Kind.TAKEN, null, headers)));
      return;
    }
    refused++;
    var word = world.retryAfter() ? Duration.ofMillis(Math.ceilDiv(wait, MILLI)) : null;
    at(
        now + 5 * MILLI + upTo(5),
        () -> end(worker, permit, new Feedback(20, 0L, Feedback.Kind.RATE_LIMITED, word, headers)));
  }

  private void end(int worker, Permit permit, Feedback feedback) {
    var limiter = limiters.get(worker);
    limiter.answered(permit, feedback, now);
    limiter.released(permit);
    if (feedback.kind() == Feedback.Kind.RATE_LIMITED) {
      var left = limiter.states(now).getFirst().pauseLeft();
      at(now + 10 * MILLI, () -> tell(worker, left));
    }
    pump(worker);
  }

  private void tell(int teller, Duration left) {
    for (int i = 0; i < limiters.size(); i++) {
      if (i != teller && !left.isZero()) {
        limiters.get(i).pausedElsewhere(PoolLimits.ONLY, left, now);
      }
    }
  }
}
