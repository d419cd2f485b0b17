package io.penstock.ingress.sweep;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What was swept, and how often a round failed. Thread-safe. */
final class SweepMetrics {

  private final Map<Swept, Counter> blobs = new EnumMap<>(Swept.class);
  private final Map<Swept, Counter> bytes = new EnumMap<>(Swept.class);
  private final Counter rounds;
  private final Counter failures;

  SweepMetrics(MeterRegistry registry) {
    for (var kind : Swept.values()) {
      var name = kind.name().toLowerCase(Locale.ROOT);
      blobs.put(kind, registry.counter("penstock.accept.swept", "kind", name));
      bytes.put(kind, registry.counter("penstock.accept.swept.bytes", "kind", name));
    }
    this.rounds = registry.counter("penstock.accept.sweep.rounds");
    this.failures = registry.counter("penstock.accept.sweep.failures");
  }

  void swept(Swept kind, long size) {
    requireNonNull(blobs.get(kind)).increment();
    requireNonNull(bytes.get(kind)).increment(size);
  }

  void round() {
    rounds.increment();
  }

  void failure() {
    failures.increment();
  }
}
