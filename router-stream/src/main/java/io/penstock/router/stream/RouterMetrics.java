package io.penstock.router.stream;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.router.admit.Refusal;
import io.penstock.router.route.Effect;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.UsageKind;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** The router's meters. Thread-safe. */
public final class RouterMetrics {

  private final Map<Lane, Counter> calls = new EnumMap<>(Lane.class);
  private final Map<UsageKind, Counter> usage = new EnumMap<>(UsageKind.class);
  private final Map<Effect.Flag.Kind, Counter> flags = new EnumMap<>(Effect.Flag.Kind.class);
  private final Counter waits;
  private final Counter cancels;
  private final Counter errors;
  private final Counter repeated;
  private final Counter deadLetters;
  private final Timer decided;
  private final MeterRegistry registry;

  public RouterMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (var lane : Lane.values()) {
      calls.put(lane, registry.counter("penstock.router.calls", "lane", name(lane)));
    }
    for (var kind : UsageKind.values()) {
      usage.put(kind, registry.counter("penstock.router.usage", "kind", name(kind)));
    }
    for (var kind : Effect.Flag.Kind.values()) {
      flags.put(kind, registry.counter("penstock.router.flags", "kind", name(kind)));
    }
    this.waits = registry.counter("penstock.router.waits");
    this.cancels = registry.counter("penstock.router.cancels");
    this.errors = registry.counter("penstock.router.errors");
    this.repeated = registry.counter("penstock.router.repeated");
    this.deadLetters = registry.counter("penstock.router.dead.letters");
    this.decided = registry.timer("penstock.router.decided");
  }

  void call(Lane lane) {
    requireNonNull(calls.get(lane)).increment();
  }

  void usage(UsageKind kind) {
    requireNonNull(usage.get(kind)).increment();
  }

  void flag(Effect.Flag.Kind kind) {
    requireNonNull(flags.get(kind)).increment();
  }

  void waits() {
    waits.increment();
  }

  void cancels() {
    cancels.increment();
  }

  /** All three tags come from closed lists: error codes, levels, and what can be limited. */
  void refused(Refusal refusal) {
    registry
        .counter(
            "penstock.router.refused",
            "code",
            refusal.code().wire(),
            "scope",
            refusal.scope(),
            "counted",
            refusal.counted().replace(' ', '_'))
        .increment();
  }

  void error() {
    errors.increment();
  }

  void repeated() {
    repeated.increment();
  }

  void deadLetter() {
    deadLetters.increment();
  }

  Timer decided() {
    return decided;
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
