package io.penstock.worker.engine;

import io.penstock.schemas.avro.CircuitState;
import io.penstock.schemas.avro.UpstreamStatus;
import io.penstock.worker.limit.Circuit;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The models of a pool, each with its circuit and its first-byte times. Not thread-safe. */
final class Upstreams {

  private static final Duration KEPT = Duration.ofMinutes(10);

  private static final class Upstream {
    final Circuit circuit;
    final RecentTimes firstBytes = new RecentTimes();
    long usedAt;

    Upstream(Circuit circuit) {
      this.circuit = circuit;
    }
  }

  private final Map<String, Upstream> byModel = new LinkedHashMap<>();
  private final RandomGenerator random;

  Upstreams(RandomGenerator random) {
    this.random = random;
  }

  Circuit circuit(String model, long nowNanos) {
    var upstream = byModel.computeIfAbsent(model, _ -> new Upstream(new Circuit(random, nowNanos)));
    upstream.usedAt = nowNanos;
    return upstream.circuit;
  }

  void firstByte(String model, Duration time, long nowNanos) {
    var upstream = byModel.get(model);
    if (upstream != null) {
      upstream.firstBytes.add(time.toMillis(), nowNanos);
    }
  }

  /** How many models were asked for of late. */
  int count() {
    return byModel.size();
  }

  /** The state in which any circuit is worst off; the pool's own. */
  CircuitState worst(long nowNanos) {
    var worst = CircuitState.CLOSED;
    for (var upstream : byModel.values()) {
      var state = upstream.circuit.state(nowNanos);
      worst = state.compareTo(worst) > 0 ? state : worst;
    }
    return worst;
  }

  /** How the models are doing. */
  List<UpstreamStatus> statuses(long nowNanos, Instant now) {
    return byModel.entrySet().stream()
        .map(entry -> status(entry.getKey(), entry.getValue(), nowNanos, now))
        .toList();
  }

  private static UpstreamStatus status(
      String model, Upstream upstream, long nowNanos, Instant now) {
    var circuit = upstream.circuit;
    var openLeft = circuit.openLeftNanos(nowNanos);
    return UpstreamStatus.newBuilder()
        .setUpstreamModel(model)
        .setCircuit(circuit.state(nowNanos))
        .setProbeAt(probeAt(openLeft, now))
        .setFirstByteP50Ms(upstream.firstBytes.median(nowNanos))
        .setEnded(circuit.ended(nowNanos))
        .setFailed(circuit.failed(nowNanos))
        .build();
  }

  private static @Nullable Instant probeAt(long openLeftNanos, Instant now) {
    return openLeftNanos == 0 ? null : now.plusNanos(openLeftNanos);
  }

  /** Forgets models that nobody asked for in a while. */
  void forgetUnused(long nowNanos) {
    byModel.values().removeIf(upstream -> nowNanos - upstream.usedAt > KEPT.toNanos());
  }
}
