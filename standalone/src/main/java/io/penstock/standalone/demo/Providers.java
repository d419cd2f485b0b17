package io.penstock.standalone.demo;

import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.FaultProfile;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The two simulated providers of a demo, their price list, and what their call logs witness. */
final class Providers implements AutoCloseable {

  private static final Duration DEAD_AFTER = Duration.ofSeconds(5);
  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

  /** USD per million tokens. */
  private record Price(String input, String output) {}

  private static final Map<String, Price> PRICES =
      Map.of(
          "north-small", new Price("0.15", "0.60"),
          "north-large", new Price("2.50", "10.00"),
          "south-small", new Price("0.25", "1.25"),
          "south-large", new Price("3.00", "15.00"));

  private static final String LOOPBACK = "127.0.0.1";

  private final Simulator north;
  private final Simulator south;

  /** What the providers themselves say. */
  record Witness(
      long calls,
      long served,
      long duplicates,
      long inputTokens,
      long outputTokens,
      BigDecimal costUsd) {}

  private Providers(Simulator north, Simulator south) {
    this.north = north;
    this.south = south;
  }

  static Providers start(DemoConfig config) {
    var profile =
        switch (config.faults()) {
          case NONE -> FaultProfile.none();
          case MILD -> FaultProfile.mild();
          case HARSH -> FaultProfile.harsh();
        };
    var north =
        SimulatorConfig.standard()
            .withSeed(11)
            .withModels(List.of("north-small", "north-large"))
            .withLatency(config.latency())
            .withFaults(profile);
    var south = north.withSeed(23).withModels(List.of("south-small", "south-large"));
    if (config.faults() == DemoConfig.Faults.HARSH) {
      south = south.withDeadAfter(DEAD_AFTER);
    }
    return new Providers(Simulator.start(north, LOOPBACK, 0), Simulator.start(south, LOOPBACK, 0));
  }

  /**
   * A catalogue with both: {@code fast} prefers the one, {@code smart} the other, and each falls
   * back to its neighbour.
   */
  String catalog() {
    var yaml =
        new StringBuilder(
            """
            organizations: [{id: demo, name: Demo}]
            pools:
              - {name: north, provider: north, dialect: openai, base-url: "%s/v1", concurrency: 512, timeouts: {connect: 2s, first-byte: 6s, idle: 6s, total: 30s}}
              - {name: south, provider: south, dialect: openai, base-url: "%s/v1", concurrency: 512, timeouts: {connect: 2s, first-byte: 6s, idle: 6s, total: 30s}}
            models:
              - name: fast
                attempts-max: 12
                targets:
                  - {pool: north, model: north-small, price: north-small}
                  - {pool: south, model: south-small, price: south-small}
              - name: smart
                attempts-max: 12
                targets:
                  - {pool: south, model: south-large, price: south-large}
                  - {pool: north, model: north-large, price: north-large}
            budgets:
              - {id: demo, organization: demo, scope: organization, limit: "1000000", window: lifetime}
            prices:
            """
                .formatted(north.uri(), south.uri()));
    PRICES.forEach(
        (name, price) ->
            yaml.append(
                "  - {name: %s, lines: {input_uncached: \"%s\", output_text: \"%s\"}}\n"
                    .formatted(name, price.input(), price.output())));
    return yaml.toString();
  }

  /** Adds up both call logs. */
  Witness witness() {
    long calls = 0;
    long served = 0;
    long input = 0;
    long output = 0;
    var cost = BigDecimal.ZERO;
    for (var simulator : List.of(north, south)) {
      for (var model : simulator.log().summary().byModel().entrySet()) {
        var totals = model.getValue();
        calls += totals.calls();
        served += totals.served();
        input += totals.inputTokens();
        output += totals.outputTokens();
        var price = PRICES.get(model.getKey());
        if (price != null) {
          cost =
              cost.add(
                      new BigDecimal(price.input())
                          .multiply(BigDecimal.valueOf(totals.inputTokens())))
                  .add(
                      new BigDecimal(price.output())
                          .multiply(BigDecimal.valueOf(totals.outputTokens())));
        }
      }
    }
    return new Witness(calls, served, duplicates(), input, output, cost.divide(MILLION));
  }

  /** Requests answered more than once, at either provider or by both. */
  private long duplicates() {
    var answers = new HashMap<String, Integer>();
    for (var simulator : List.of(north, south)) {
      for (var call : simulator.log().calls(0, Integer.MAX_VALUE)) {
        if (call.served()) {
          answers.merge(call.requestId(), 1, Integer::sum);
        }
      }
    }
    return answers.values().stream().mapToLong(count -> count - 1L).sum();
  }

  @Override
  public void close() {
    north.close();
    south.close();
  }
}
