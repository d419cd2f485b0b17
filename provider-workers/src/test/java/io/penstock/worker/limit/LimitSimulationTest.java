package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.worker.limit.CountingProvider.Steady;
import io.penstock.worker.limit.CountingProvider.Windows;
import io.penstock.worker.limit.LimitSimulation.Figures;
import io.penstock.worker.limit.LimitSimulation.World;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How much of a provider's limit is used, and how often it has to refuse. */
class LimitSimulationTest {

  private static final long LIMIT = 600;
  private static final Duration RUN = Duration.ofMinutes(3);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final List<Long> SEEDS = List.of(1L, 2L, 3L);
  private static final List<Double> LATENCIES = List.of(0.05, 2.0, 20.0);

  private record Kind(String name, Supplier<CountingProvider> provider) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Kind STEADY =
      new Kind("steady, a second's worth at once", () -> new Steady(LIMIT, 1));
  private static final Kind SECONDS = new Kind("windows of 1 s", () -> new Windows(LIMIT, 1));
  private static final Kind TENS = new Kind("windows of 10 s", () -> new Windows(LIMIT, 10));
  private static final Kind MINUTES = new Kind("windows of 60 s", () -> new Windows(LIMIT, 60));

  static Stream<Arguments> knownLimits() {
    return Stream.concat(
        cases(List.of(STEADY, TENS, MINUTES), List.of(1, 2, 3, 6)),
        cases(List.of(SECONDS), List.of(1, 2)));
  }

  private static Stream<Arguments> cases(List<Kind> kinds, List<Integer> workers) {
    return kinds.stream()
        .flatMap(
            kind ->
                workers.stream()
                    .flatMap(
                        count ->
                            LATENCIES.stream().map(latency -> Arguments.of(kind, count, latency))));
  }

  @ParameterizedTest(name = "{0}, {1} workers, latency {2} s")
  @MethodSource("knownLimits")
  void aKnownLimitIsUsedAndNotExceeded(Kind kind, int workers, double latency) {
    for (var seed : SEEDS) {
      var figures = knownLimit(kind, workers, latency, seed);

      assertThat(figures.goodput(allowed(LIMIT, RUN))).as("goodput").isGreaterThan(0.97);
      assertThat(figures.refusedShare()).as("429s").isLessThan(0.01);
    }
  }

  static Stream<Arguments> manyWorkersInShortWindows() {
    return cases(List.of(SECONDS), List.of(3, 6));
  }

  /**
   * A window of a second holds ten requests. Workers that each keep to their share and know nothing
   * of each other send eleven in some of them.
   */
  @ParameterizedTest(name = "{0}, {1} workers, latency {2} s")
  @MethodSource("manyWorkersInShortWindows")
  void manyWorkersCollideNowAndThenInShortWindows(Kind kind, int workers, double latency) {
    for (var seed : SEEDS) {
      var figures = knownLimit(kind, workers, latency, seed);

      assertThat(figures.goodput(allowed(LIMIT, RUN))).as("goodput").isGreaterThan(0.80);
      assertThat(figures.refusedShare()).as("429s").isLessThan(0.05);
    }
  }

  private static Figures knownLimit(Kind kind, int workers, double latency, long seed) {
    return new LimitSimulation(
            new World(kind.provider().get(), workers, LIMIT, false, true, latency, seed))
        .run(RUN);
  }

  static Stream<Arguments> halvedLimits() {
    return Stream.of(STEADY, SECONDS, TENS, MINUTES)
        .flatMap(kind -> LATENCIES.stream().map(latency -> Arguments.of(kind, latency)));
  }

  static Stream<Arguments> halvedLimitsToldInHeaders() {
    return halvedLimits().filter(each -> each.get()[0] != SECONDS);
  }

  @ParameterizedTest(name = "{0}, latency {1} s")
  @MethodSource("halvedLimitsToldInHeaders")
  void aKnownLimitThatIsHalvedIsFollowedWithinAMinuteWhereHeadersTellIt(Kind kind, double latency) {
    for (var seed : SEEDS) {
      var figures = aMinuteAfterHalving(kind, LIMIT, true, latency, seed);

      assertThat(figures.goodput(allowed(LIMIT / 2, RUN))).as("goodput").isGreaterThan(0.97);
      assertThat(figures.refusedShare()).as("429s").isLessThan(0.01);
    }
  }

  @ParameterizedTest(name = "{0}, latency {1} s")
  @MethodSource("halvedLimits")
  void withoutHeadersItIsFollowedByRefusalsAlone(Kind kind, double latency) {
    for (var seed : SEEDS) {
      var figures = aMinuteAfterHalving(kind, LIMIT, false, latency, seed);

      assertThat(figures.goodput(allowed(LIMIT / 2, RUN))).as("goodput").isGreaterThan(0.90);
      assertThat(figures.refusedShare()).as("429s").isLessThan(0.05);
    }
  }

  static Stream<Arguments> hiddenLimits() {
    return cases(List.of(STEADY, SECONDS, TENS), List.of(1, 2, 3));
  }

  @ParameterizedTest(name = "{0}, {1} workers, latency {2} s")
  @MethodSource("hiddenLimits")
  void aHiddenLimitIsFoundAndKept(Kind kind, int workers, double latency) {
    for (var seed : SEEDS) {
      var simulation =
          new LimitSimulation(
              new World(kind.provider().get(), workers, null, false, true, latency, seed));

      var figures = simulation.run(RUN);

      assertThat(figures.goodput(allowed(LIMIT, RUN))).as("goodput").isGreaterThan(0.90);
      // three workers find out about the same window, each for itself
      assertThat(figures.refusedShare())
          .as("429s")
          .isLessThan(workers == 3 && kind.equals(TENS) ? 0.15 : 0.05);
    }
  }

  @ParameterizedTest(name = "{0}, latency {1} s")
  @MethodSource("halvedLimits")
  void aHiddenLimitThatIsHalvedIsFollowedWithinAMinute(Kind kind, double latency) {
    for (var seed : SEEDS) {
      var figures = aMinuteAfterHalving(kind, null, false, latency, seed);

      assertThat(figures.goodput(allowed(LIMIT / 2, RUN))).as("goodput").isGreaterThan(0.90);
      assertThat(figures.refusedShare()).as("429s").isLessThan(0.05);
    }
  }

  private static Figures aMinuteAfterHalving(
      Kind kind, @Nullable Long configured, boolean headers, double latency, long seed) {
    var provider = kind.provider().get();
    var simulation =
        new LimitSimulation(new World(provider, 2, configured, headers, true, latency, seed));
    simulation.run(MINUTE);
    provider.change(LIMIT / 2);
    simulation.run(MINUTE);
    return simulation.run(RUN);
  }

  private static double allowed(long perMinute, Duration time) {
    return (double) perMinute * time.toSeconds() / 60;
  }
}
