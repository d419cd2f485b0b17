package io.penstock.router.select;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How targets are doing, as workers say and as the router has seen itself. */
@FunctionalInterface
public interface PoolHealth {

  /** All targets answer, and nobody has measured how fast. */
  PoolHealth ALL_UP = (_, _) -> Condition.UP;

  /** How one model of a pool is doing. */
  Condition of(String pool, String upstreamModel);

  /**
   * How a target is doing.
   *
   * @param state whether it answers
   * @param probeAt when a target that is down will be tried again; absent when nobody knows
   * @param firstByteMillis median time to the first byte over about the last minute; absent when
   *     nothing was measured
   * @param tried whether it was called within the last second or so
   */
  record Condition(
      State state, @Nullable Instant probeAt, @Nullable Long firstByteMillis, boolean tried) {

    /** It answers; nothing more is known. */
    public static final Condition UP = new Condition(State.UP, null, null, false);

    /** It does not answer; nothing more is known. */
    public static final Condition DOWN = new Condition(State.DOWN, null, null, false);
  }

  /** Whether a target answers. */
  enum State {
    /** It answers, or nobody has tried lately. */
    UP,
    /** It does not answer, and it is time that a request tries again. */
    PROBE_DUE,
    /** It does not answer. */
    DOWN
  }
}
