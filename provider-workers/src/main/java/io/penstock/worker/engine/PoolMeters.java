package io.penstock.worker.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.schemas.avro.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a pool's calls measure: for {@code /metrics}, and for its record of every second.
 * Thread-safe.
 */
final class PoolMeters implements AutoCloseable {

  private static final int LATENCIES_KEPT = 512;
  private static final String POOL = "pool";

  /** Names of this module's meters. */
  enum Name {
    CALL_DURATION("penstock.call.duration"),
    CALL_FAILURES("penstock.call.failures"),
    CALLS_REPEATED("penstock.calls.repeated"),
    CALLS_RUNNING("penstock.calls.running"),
    CALLS_WAITING("penstock.calls.waiting");

    private final String text;

    Name(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /** What happened since the last time. */
  record Interval(long finished, long failed, @Nullable Long latencyMedianMillis) {}

  private final MeterRegistry registry;
  private final List<Meter> gauges = new ArrayList<>();
  private final Timer durations;
  private final Counter repeated;
  private final Map<FailureKind, Counter> failures = new EnumMap<>(FailureKind.class);
  private final AtomicLong finishedSince = new AtomicLong();
  private final AtomicLong failedSince = new AtomicLong();
  private final long[] latencies = new long[LATENCIES_KEPT];
  private int latencyCount;

  PoolMeters(MeterRegistry registry, String pool, IntSupplier running, IntSupplier waiting) {
    this.registry = registry;
    this.repeated = Counter.builder(Name.CALLS_REPEATED.text()).tag(POOL, pool).register(registry);
    this.durations = Timer.builder(Name.CALL_DURATION.text()).tag(POOL, pool).register(registry);
    for (var kind : FailureKind.values()) {
      failures.put(
          kind,
          Counter.builder(Name.CALL_FAILURES.text())
              .tag(POOL, pool)
              .tag("kind", kind.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    gauges.add(
        Gauge.builder(Name.CALLS_RUNNING.text(), running::getAsInt)
            .tag(POOL, pool)
            .register(registry));
    gauges.add(
        Gauge.builder(Name.CALLS_WAITING.text(), waiting::getAsInt)
            .tag(POOL, pool)
            .register(registry));
  }

  void succeeded(Duration time) {
    ended(time);
  }

  void failed(FailureKind kind, Duration time) {
    ended(time);
    failedSince.incrementAndGet();
    count(kind);
  }

  /** The provider refused a call, and it is made again: every refusal counts. */
  void repeated(FailureKind kind) {
    repeated.increment();
    count(kind);
  }

  private void count(FailureKind kind) {
    var counter = failures.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  private void ended(Duration time) {
    durations.record(time);
    finishedSince.incrementAndGet();
    synchronized (latencies) {
      latencies[latencyCount % LATENCIES_KEPT] = time.toMillis();
      latencyCount++;
    }
  }

  /** Counts since the last call of this method. */
  Interval interval() {
    return new Interval(finishedSince.getAndSet(0), failedSince.getAndSet(0), medianMillis());
  }

  private @Nullable Long medianMillis() {
    long[] sorted;
    synchronized (latencies) {
      if (latencyCount == 0) {
        return null;
      }
      sorted = Arrays.copyOf(latencies, Math.min(latencyCount, LATENCIES_KEPT));
      latencyCount = 0;
    }
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  @Override
  public void close() {
    gauges.forEach(registry::remove);
    failures.values().forEach(registry::remove);
    registry.remove(durations);
    registry.remove(repeated);
  }
}
