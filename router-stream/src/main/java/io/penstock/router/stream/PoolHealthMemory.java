package io.penstock.router.stream;

import io.penstock.router.route.PoolHealth;
import io.penstock.schemas.avro.FailureKind;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Which pools have not answered lately: in memory only, because forgetting it costs a few calls. A
 * pool that does not answer gets one request a second, until one is answered. Owned by one task.
 */
final class PoolHealthMemory {

  /** Failures in a row after which a pool counts as down. */
  static final int FAILURES = 3;

  /** Time between two tries of a pool that is down. */
  static final Duration BETWEEN_PROBES = Duration.ofSeconds(1);

  private static final class Trouble {
    private int failures;
    private long calledAtMillis;
  }

  private final Map<String, Trouble> troubles = new HashMap<>();

  /** What is known at a time. */
  PoolHealth at(long nowMillis) {
    return pool -> {
      var trouble = troubles.get(pool);
      if (trouble == null || trouble.failures < FAILURES) {
        return PoolHealth.State.UP;
      }
      return nowMillis - trouble.calledAtMillis >= BETWEEN_PROBES.toMillis()
          ? PoolHealth.State.PROBE_DUE
          : PoolHealth.State.DOWN;
    };
  }

  /** A call of the pool ended with an answer. */
  void answered(String pool) {
    troubles.remove(pool);
  }

  /** A call of the pool failed. */
  void failed(String pool, FailureKind kind) {
    switch (kind) {
      case CONNECT, TIMEOUT -> troubles.computeIfAbsent(pool, _ -> new Trouble()).failures++;
      case RATE_LIMITED,
          OVERLOADED,
          SERVER_ERROR,
          CUT,
          UNUSABLE,
          AUTHENTICATION,
          NOT_FOUND,
          PROVIDER_BUDGET,
          BAD_REQUEST,
          CONTEXT_TOO_LONG,
          CONTENT_POLICY ->
          answered(pool);
      case CANCELLED, DEADLINE, UNKNOWN -> {
        // says nothing about the pool
      }
    }
  }

  /** A call of the pool is made. */
  void called(String pool, long nowMillis) {
    var trouble = troubles.get(pool);
    if (trouble != null) {
      trouble.calledAtMillis = nowMillis;
    }
  }
}
