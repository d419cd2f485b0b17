package io.penstock.router.stream;

import io.penstock.router.select.PoolHealth.Condition;
import io.penstock.router.select.PoolHealth.State;
import io.penstock.schemas.avro.CircuitState;
import io.penstock.schemas.avro.PoolStatus;
import io.penstock.schemas.avro.UpstreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What workers said of their pools within the last few seconds; what is older is forgotten, because
 * whoever said it may be gone. Written by one thread, read by any.
 */
public final class PoolStatuses {

  /** Workers speak once a second; who has missed so many turns is not believed any more. */
  static final Duration BELIEVED = Duration.ofSeconds(5);

  private record Heard(PoolStatus status, long atMillis) {}

  private record View(Map<String, Condition> models, long atMillis) {}

  private final Map<String, Map<String, Heard>> heard = new HashMap<>();
  private final Map<String, View> views = new ConcurrentHashMap<>();

  /**
   * Takes note of a status.
   *
   * @param nowMillis time of arrival: the worker's own clock may be wrong
   */
  void heard(PoolStatus status, long nowMillis) {
    var instances = heard.computeIfAbsent(status.getPool(), _ -> new HashMap<>());
    instances.put(status.getInstance(), new Heard(status, nowMillis));
    instances.values().removeIf(each -> old(each.atMillis(), nowMillis));
    var models = new HashMap<String, Sum>();
    for (var each : instances.values()) {
      for (var upstream : each.status().getUpstreams()) {
        models.computeIfAbsent(upstream.getUpstreamModel(), _ -> new Sum()).add(upstream);
      }
    }
    var conditions = new HashMap<String, Condition>();
    models.forEach((model, sum) -> conditions.put(model, sum.condition()));
    views.put(status.getPool(), new View(Map.copyOf(conditions), nowMillis));
  }

  /**
   * How a target is doing, as far as workers have said; a target that is down is due for a probe
   * from its {@code probeAt} on.
   */
  @Nullable Condition of(String pool, String upstreamModel, long nowMillis) {
    var view = views.get(pool);
    return view == null || old(view.atMillis(), nowMillis)
        ? null
        : view.models().get(upstreamModel);
  }

  private static boolean old(long atMillis, long nowMillis) {
    return atMillis + BELIEVED.toMillis() < nowMillis;
  }

  /**
   * One model over all workers. A circuit counts as open when one says so and none gets answers:
   * calls are spread over all of them.
   */
  private static final class Sum {
    private boolean open;
    private boolean answered;
    private @Nullable Instant probeAt;
    private long firstBytes;
    private long measured;

    void add(UpstreamStatus status) {
      if (status.getCircuit() != CircuitState.CLOSED) {
        open = true;
        // a circuit that is half open waits for its probe
        var probe =
            status.getCircuit() == CircuitState.HALF_OPEN ? Instant.EPOCH : status.getProbeAt();
        if (probe != null && (probeAt == null || probe.isBefore(probeAt))) {
          probeAt = probe;
        }
      } else if (status.getEnded() > status.getFailed()) {
        answered = true;
      }
      var firstByte = status.getFirstByteP50Ms();
      if (firstByte != null) {
        firstBytes += firstByte;
        measured++;
      }
    }

    Condition condition() {
      var down = open && !answered;
      return new Condition(
          down ? State.DOWN : State.UP,
          down ? probeAt : null,
          measured == 0 ? null : firstBytes / measured,
          false);
    }
  }
}
