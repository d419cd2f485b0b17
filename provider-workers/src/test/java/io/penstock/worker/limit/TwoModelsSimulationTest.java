package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.worker.limit.CountingProvider.Steady;
import io.penstock.worker.limit.LimitSimulation.Figures;
import io.penstock.worker.limit.LimitSimulation.World;
import io.penstock.worker.limit.RateHeaders.Window;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two models behind one credential, both with more to do than is allowed. */
class TwoModelsSimulationTest {

  private static final long LIMIT = 600;
  private static final Duration RUN = Duration.ofMinutes(3);
  private static final double ALLOWED = LIMIT * 3.0;
  private static final long SECOND = 1_000_000_000L;
  private static final List<Long> SEEDS = List.of(1L, 2L, 3L);
  private static final List<Double> LATENCIES = List.of(0.05, 2.0, 20.0);

  static Stream<Arguments> worlds() {
    return Stream.of(1, 2)
        .flatMap(workers -> LATENCIES.stream().map(latency -> Arguments.of(workers, latency)));
  }

  @ParameterizedTest(name = "{0} workers, latency {1} s")
  @MethodSource("worlds")
  void aModelThatIsRefusedAllTheTimeLeavesTheOtherItsRate(int workers, double latency) {
    for (var seed : SEEDS) {
      var alone =
          new LimitSimulation(
                  new World(new Steady(LIMIT, 1), workers, null, false, true, latency, seed))
              .run(RUN);

      var beside = run(new Refusing(), new Steady(LIMIT, 1), workers, null, latency, seed);

      assertThat(beside.getFirst().served()).isZero();
      assertThat(beside.getLast().served())
          .as("what the other is served")
          .isGreaterThanOrEqualTo((long) (alone.served() * 0.95));
      assertThat(beside.getLast().refusedShare()).as("429s of the other").isLessThan(0.05);
    }
  }

  @ParameterizedTest(name = "{0} workers, latency {1} s")
  @MethodSource("worlds")
  void eachModelsHiddenLimitIsFoundAndKept(int workers, double latency) {
    for (var seed : SEEDS) {
      var figures =
          run(new Steady(LIMIT, 1), new Steady(LIMIT / 4, 1), workers, null, latency, seed);

      assertThat(figures.getFirst().goodput(ALLOWED)).as("goodput").isGreaterThan(0.90);
      assertThat(figures.getFirst().refusedShare()).as("429s").isLessThan(0.05);
      assertThat(figures.getLast().goodput(ALLOWED / 4)).as("goodput").isGreaterThan(0.85);
    }
  }

  @ParameterizedTest(name = "{0} workers, latency {1} s")
  @MethodSource("worlds")
  void aLimitOfTheCredentialIsSharedByItsModels(int workers, double latency) {
    for (var seed : SEEDS) {
      var both = new Steady(LIMIT, 1);

      var figures = run(both, both, workers, LIMIT, latency, seed);

      assertThat(figures)
          .allSatisfy(
              each -> {
                assertThat(each.goodput(ALLOWED)).as("half of it").isBetween(0.45, 0.55);
                assertThat(each.refusedShare()).as("429s").isLessThan(0.01);
              });
    }
  }

  /** Each finds out by itself, and about the other at the same time. */
  @ParameterizedTest(name = "{0} workers, latency {1} s")
  @MethodSource("worlds")
  void aLimitOfTheCredentialThatNobodyTellsIsUsedUpWithMoreRefusals(int workers, double latency) {
    for (var seed : SEEDS) {
      var both = new Steady(LIMIT, 1);

      var figures = run(both, both, workers, null, latency, seed);

      assertThat(figures.stream().mapToDouble(each -> each.goodput(ALLOWED)).sum())
          .as("goodput")
          .isGreaterThan(0.95);
      assertThat(figures)
          .allSatisfy(each -> assertThat(each.refusedShare()).as("429s").isLessThan(0.15));
    }
  }

  /** As when a day's quota is used up. */
  private static final class Refusing implements CountingProvider {
    @Override
    public long ask(long nowNanos) {
      return SECOND;
    }

    @Override
    public Window headers(long nowNanos) {
      throw new IllegalStateException("nobody asked for headers");
    }

    @Override
    public void change(long perMinute) {
      throw new IllegalStateException("it has no limit");
    }
  }

  private static List<Figures> run(
      CountingProvider first,
      CountingProvider second,
      int workers,
      @Nullable Long configured,
      double latency,
      long seed) {
    return new LimitSimulation(
            new World(List.of(first, second), workers, configured, false, true, latency, seed))
        .runEach(RUN);
  }
}
