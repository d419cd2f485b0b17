package io.penstock.worker.limit;

import io.penstock.schemas.avro.Lane;
import io.penstock.worker.limit.Admission.Busy;
import io.penstock.worker.limit.Admission.Extent;
import io.penstock.worker.limit.Admission.Granted;
import io.penstock.worker.limit.Admission.Later;
import java.time.Duration;
import java.util.ArrayDeque;
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
   * @param providers how each model's requests are counted; the same one twice counts both together
   * @param configured requests per minute that the catalogue says; absent when nobody knows
   * @param headers whether the provider's answers tell the limit
   * @param retryAfter whether its refusals tell how long to wait
   * @param latencySeconds of its answers, on average
   */
  record World(
      List<CountingProvider> providers,
      int workers,
      @Nullable Long configured,
      boolean headers,
      boolean retryAfter,
      double latencySeconds,
      long seed) {

    /** With a single model. */
    World(
        CountingProvider provider,
        int workers,
        @Nullable Long configured,
        boolean headers,
        boolean retryAfter,
        double latencySeconds,
        long seed) {
      this(List.of(provider), workers, configured, headers, retryAfter, latencySeconds, seed);
    }
  }

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
  private int lastBegun;
  private long numbers;
  private long now;
  private final long[] served;
  private final long[] refused;

  LimitSimulation(World world) {
    this.world = world;
    this.served = new long[world.providers().size()];
    this.refused = new long[world.providers().size()];
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

  /** Lets time pass; the figures are of this time alone, and of all models. */
  Figures run(Duration time) {
    var figures = runEach(time);
    return new Figures(
        figures.stream().mapToLong(Figures::served).sum(),
        figures.stream().mapToLong(Figures::refused).sum());
  }

  /** The same, with figures for each model. */
  List<Figures> runEach(Duration time) {
    var servedBefore = served.clone();
    var refusedBefore = refused.clone();
    var end = now + time.toNanos();
    while (!events.isEmpty() && events.peek().at() <= end) {
      var event = events.remove();
      now = event.at();
      event.action().run();
    }
    now = end;
    var figures = new ArrayList<Figures>();
    for (int i = 0; i < served.length; i++) {
      figures.add(new Figures(served[i] - servedBefore[i], refused[i] - refusedBefore[i]));
    }
    return figures;
  }

  private void at(long moment, Runnable action) {
    events.add(new Event(moment, numbers++, action));
  }

  private long upTo(double millis) {
    return (long) (random.nextDouble() * millis * MILLI);
  }

  /** Calls of all models in turn; one that has to wait is passed over, as the dispatcher does. */
  private void pump(int worker) {
    var open = new ArrayDeque<Integer>();
    for (int i = 1; i <= served.length; i++) {
      open.add((lastBegun + i) % served.length);
    }
    for (var model = open.poll(); model != null; model = open.poll()) {
      var asked = model;
      switch (limiters.get(worker).admit(Lane.BATCH, name(model), new TokenCount(10, 10), now)) {
        case Granted(var permit) -> {
          at(now + 2 * MILLI + upTo(15), () -> arrive(worker, asked, permit));
          lastBegun = model;
          open.add(model);
        }
        case Later(var wait, var extent) -> {
          alarm(worker, now + wait + upTo(1.5));
          if (extent == Extent.ALL) {
            return;
          }
        }
        case Busy() -> {
          return;
        }
      }
    }
  }

  private static String name(int model) {
    return "model-" + model;
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

  private void arrive(int worker, int model, Permit permit) {
    var provider = world.providers().get(model);
    var wait = provider.ask(now);
    var headers = world.headers() ? new RateHeaders(provider.headers(now), null) : RateHeaders.NONE;
    if (wait == 0) {
      served[model]++;
      var latency = (long) (world.latencySeconds() * SECOND * (0.5 + random.nextDouble()));
      at(
          now + latency + 2 * MILLI + upTo(5),
          () -> end(worker, permit, new Feedback(20, 20L, Feedback.Kind.TAKEN, null, headers)));
      return;
    }
    refused[model]++;
    var word = world.retryAfter() ? Duration.ofMillis(Math.ceilDiv(wait, MILLI)) : null;
    at(
        now + 5 * MILLI + upTo(5),
        () ->
            end(worker, permit, new Feedback(20, 0L, Feedback.Kind.MODEL_LIMITED, word, headers)));
  }

  private void end(int worker, Permit permit, Feedback feedback) {
    var limiter = limiters.get(worker);
    limiter.answered(permit, feedback, now);
    limiter.released(permit);
    if (feedback.limited()) {
      for (var model : limiter.states(now).getFirst().models()) {
        at(now + 10 * MILLI, () -> tell(worker, model.name(), model.pauseLeft()));
      }
    }
    pump(worker);
  }

  private void tell(int teller, String model, Duration left) {
    for (int i = 0; i < limiters.size(); i++) {
      if (i != teller && !left.isZero()) {
        limiters.get(i).pausedElsewhere(PoolLimits.ONLY, model, left, now);
      }
    }
  }
}
