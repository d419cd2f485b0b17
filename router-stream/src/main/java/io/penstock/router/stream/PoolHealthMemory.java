package io.penstock.router.stream;

import io.penstock.router.select.PoolHealth;
import io.penstock.router.select.PoolHealth.Condition;
import io.penstock.router.select.PoolHealth.State;
import io.penstock.schemas.avro.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which targets have not answered lately, as this router has seen itself, joined with what workers
 * say: in memory only, because forgetting it costs a few calls. A target that does not answer gets
 * one request a second, until one is answered. Owned by one task.
 */
final class PoolHealthMemory {

  /** Failures in a row after which a target counts as down. */
  static final int FAILURES = 3;

  /** Time between two tries of a target that is down. */
  static final Duration BETWEEN_PROBES = Duration.ofSeconds(1);

  private record Place(String pool, String upstreamModel) {}

  private static final class Seen {
    private int failures;
    private long calledAtMillis = Long.MIN_VALUE / 2;
  }

  private final PoolStatuses statuses;
  private final Map<Place, Seen> memory = new HashMap<>();

  PoolHealthMemory(PoolStatuses statuses) {
    this.statuses = statuses;
  }

  /** What is known at a time. */
  PoolHealth at(long nowMillis) {
    return (pool, upstreamModel) -> {
      var seen = memory.get(new Place(pool, upstreamModel));
      var said = statuses.of(pool, upstreamModel, nowMillis);
      return joined(seen, said == null ? Condition.UP : said, nowMillis);
    };
  }

  private static Condition joined(@Nullable Seen seen, Condition said, long nowMillis) {
    var tried = seen != null && nowMillis - seen.calledAtMillis < BETWEEN_PROBES.toMillis();
    var down = said.state() == State.DOWN;
    if (!down && (seen == null || seen.failures < FAILURES)) {
      return new Condition(State.UP, null, said.firstByteMillis(), tried);
    }
    var probeAt = said.probeAt();
    var due = !down || (probeAt != null && probeAt.toEpochMilli() <= nowMillis);
    if (due && !tried) {
      return new Condition(State.PROBE_DUE, null, said.firstByteMillis(), false);
    }
    var next =
        due && seen != null
            ? Instant.ofEpochMilli(seen.calledAtMillis).plus(BETWEEN_PROBES)
            : probeAt;
    return new Condition(State.DOWN, next, said.firstByteMillis(), tried);
  }

  /** A call of the target ended with an answer. */
  void answered(String pool, String upstreamModel) {
    var seen = memory.get(new Place(pool, upstreamModel));
    if (seen != null) {
      seen.failures = 0;
    }
  }

  /** A call of the target failed. */
  void failed(String pool, String upstreamModel, FailureKind kind) {
    switch (kind) {
      case CONNECT, TIMEOUT -> seen(pool, upstreamModel).failures++;
      case RATE_LIMITED,
          SERVER_ERROR,
          CUT,
          UNUSABLE,
          AUTHENTICATION,
          NOT_FOUND,
          PROVIDER_BUDGET,
          BAD_REQUEST,
          CONTEXT_TOO_LONG,
          CONTENT_POLICY ->
          answered(pool, upstreamModel);
      case OVERLOADED, CANCELLED, DEADLINE, UNKNOWN -> {
        // says nothing about whether it answers: a worker with an open circuit has not asked
      }
    }
  }

  /** A call of the target is made. */
  void called(String pool, String upstreamModel, long nowMillis) {
    seen(pool, upstreamModel).calledAtMillis = nowMillis;
  }

  private Seen seen(String pool, String upstreamModel) {
    return memory.computeIfAbsent(new Place(pool, upstreamModel), _ -> new Seen());
  }
}
