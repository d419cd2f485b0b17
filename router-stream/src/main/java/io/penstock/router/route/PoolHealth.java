package io.penstock.router.route;

/** What the router has seen of pools lately. */
@FunctionalInterface
public interface PoolHealth {

  /** All pools answer. */
  PoolHealth ALL_UP = pool -> State.UP;

  /** How a pool is doing. */
  State of(String pool);

  /** How a pool is doing. */
  enum State {
    /** It answers, or nobody has tried lately. */
    UP,
    /** It does not answer, and it is time that a request tries again. */
    PROBE_DUE,
    /** It does not answer. */
    DOWN
  }
}
