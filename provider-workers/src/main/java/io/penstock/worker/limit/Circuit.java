package io.penstock.worker.limit;

import io.penstock.schemas.avro.CircuitState;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Keeps calls away from a model that does not answer, and finds out when it does again.
 *
 * <pre>
 *   CLOSED     every call may pass; opens when at least half of ten or more calls of ten seconds
 *              fail by the provider's fault, or five in a row get no answer at all
 *   OPEN       no call passes for five seconds, then longer each time, ten at most
 *   HALF_OPEN  one call at a time: two good ones close, a bad one opens again
 * </pre>
 *
 * <p>Ten seconds at most, so that whoever asks every few seconds is back on a healthy provider
 * within half a minute. Not thread-safe; time is nanoseconds of one monotonic clock.
 */
public final class Circuit {

  /** How a call ended, as far as it says something about the provider's health. */
  public enum Outcome {
    /** The provider answered, be it a refusal. */
    ANSWERED,
    /** It answered that it is broken or overloaded, or broke off. */
    FAULTY,
    /** It did not answer: no connection, or no first byte in time. */
    SILENT,
    /** Says nothing: cancelled, out of time, rate limited, not made. */
    NEUTRAL
  }

  /**
   * The way of one call through the circuit, to be given back with its outcome.
   *
   * @param generation the state that it began in
   * @param probe whether the circuit was half open
   */
  public record Pass(long generation, boolean probe) {}

  private static final int SECONDS = 10;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final int ENDED_MIN = 10;
  private static final int FAILED_PERCENT = 50;
  private static final int SILENT_IN_A_ROW = 5;
  private static final int PROBES = 2;
  private static final Duration OPEN_FIRST = Duration.ofSeconds(5);
  private static final Duration OPEN_MOST = Duration.ofSeconds(10);
  // a probe that takes longer does not keep the next one waiting
  private static final long PROBE_NANOS = 10 * SECOND_NANOS;
  private static final double JITTER = 0.2;

  private final RandomGenerator random;
  private final long[] ended = new long[SECONDS];
  private final long[] failed = new long[SECONDS];
  private long secondsPassed;
  private long beganAt;
  private CircuitState state = CircuitState.CLOSED;
  private long generation;
  private int silentInARow;
  private int probesGood;
  private boolean probing;
  private int openings;
  private long probeAt;
  private long probedAt;

  /**
   * Begins closed.
   *
   * @param random spreads the probes of many workers
   */
  public Circuit(RandomGenerator random, long nowNanos) {
    this.random = random;
    this.beganAt = nowNanos;
  }

  /** How long until a call may pass; 0 when it may. What waits for a probe's end waits a second. */
  public long waitNanos(long nowNanos) {
    return switch (state(nowNanos)) {
      case CLOSED -> 0;
      case OPEN -> probeAt - nowNanos;
      case HALF_OPEN -> probing && nowNanos - probedAt < PROBE_NANOS ? SECOND_NANOS : 0;
    };
  }

  /** The state now. */
  public CircuitState state(long nowNanos) {
    if (state == CircuitState.OPEN && probeAt - nowNanos <= 0) {
      turn(CircuitState.HALF_OPEN);
    }
    return state;
  }

  /** A call passes; only where {@link #waitNanos} is 0. */
  public Pass begin(long nowNanos) {
    var probe = state(nowNanos) == CircuitState.HALF_OPEN;
    if (probe) {
      probing = true;
      probedAt = nowNanos;
    }
    return new Pass(generation, probe);
  }

  /** A call ended; what began in an earlier state says nothing about this one. */
  public void ended(Pass pass, Outcome outcome, long nowNanos) {
    if (pass.generation() != generation) {
      return;
    }
    if (outcome == Outcome.NEUTRAL) {
      probing &= !pass.probe();
      return;
    }
    if (pass.probe()) {
      probed(outcome == Outcome.ANSWERED, nowNanos);
      return;
    }
    count(outcome, nowNanos);
    silentInARow = outcome == Outcome.SILENT ? silentInARow + 1 : 0;
    if (silentInARow >= SILENT_IN_A_ROW || failing(nowNanos)) {
      open(nowNanos);
    }
  }

  private void probed(boolean good, long nowNanos) {
    probing = false;
    if (!good) {
      open(nowNanos);
      return;
    }
    probesGood++;
    if (probesGood >= PROBES) {
      openings = 0;
      Arrays.fill(ended, 0);
      Arrays.fill(failed, 0);
      turn(CircuitState.CLOSED);
    }
  }

  private boolean failing(long nowNanos) {
    var all = ended(nowNanos);
    return all >= ENDED_MIN && failed(nowNanos) * 100 >= all * FAILED_PERCENT;
  }

  private void open(long nowNanos) {
    var time = Math.min(OPEN_MOST.toNanos(), OPEN_FIRST.toNanos() << Math.min(openings, 4));
    // shorter, never longer: the most is a promise
    probeAt = nowNanos + (long) (time * (1 - JITTER * random.nextDouble()));
    openings++;
    turn(CircuitState.OPEN);
  }

  private void turn(CircuitState next) {
    state = next;
    generation++;
    silentInARow = 0;
    probesGood = 0;
    probing = false;
  }

  /** How long the open circuit still lets nothing pass; 0 unless open. */
  public long openLeftNanos(long nowNanos) {
    return state(nowNanos) == CircuitState.OPEN ? probeAt - nowNanos : 0;
  }

  /** Calls ended in the last ten seconds. */
  public long ended(long nowNanos) {
    advance(nowNanos);
    return Arrays.stream(ended).sum();
  }

  /** Those of them that failed by the provider's fault. */
  public long failed(long nowNanos) {
    advance(nowNanos);
    return Arrays.stream(failed).sum();
  }

  private void count(Outcome outcome, long nowNanos) {
    advance(nowNanos);
    var slot = (int) (secondsPassed % SECONDS);
    ended[slot]++;
    if (outcome != Outcome.ANSWERED) {
      failed[slot]++;
    }
  }

  private void advance(long nowNanos) {
    var second = Math.max(secondsPassed, (nowNanos - beganAt) / SECOND_NANOS);
    for (long passed = Math.max(secondsPassed + 1, second - SECONDS + 1);
        passed <= second;
        passed++) {
      ended[(int) (passed % SECONDS)] = 0;
      failed[(int) (passed % SECONDS)] = 0;
    }
    secondsPassed = second;
  }
}
