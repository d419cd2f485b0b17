package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.CircuitState;
import io.penstock.worker.limit.Circuit.Outcome;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CircuitTest {

  private static final long SECOND = 1_000_000_000L;

  private final Circuit circuit = new Circuit(new Random(1), 0);

  @Test
  void halfOfTenCallsFailingOpensIt() {
    calls(5, Outcome.ANSWERED, 0);
    calls(4, Outcome.FAULTY, 0);
    assertThat(circuit.state(0)).isEqualTo(CircuitState.CLOSED);

    calls(1, Outcome.FAULTY, 0);

    assertThat(circuit.state(0)).isEqualTo(CircuitState.OPEN);
    assertThat(circuit.waitNanos(0)).isBetween(4 * SECOND, 5 * SECOND);
  }

  @Test
  void aFewFailuresAmongManyAnswersDoNot() {
    for (int i = 0; i < 100; i++) {
      calls(3, Outcome.ANSWERED, i * SECOND / 10);
      calls(2, Outcome.FAULTY, i * SECOND / 10);
    }

    assertThat(circuit.state(10 * SECOND)).isEqualTo(CircuitState.CLOSED);
  }

  @Test
  void fiveCallsInARowWithoutAnyAnswerOpenIt() {
    calls(4, Outcome.SILENT, 0);
    calls(1, Outcome.ANSWERED, 0);
    calls(4, Outcome.SILENT, 0);
    assertThat(circuit.state(0)).isEqualTo(CircuitState.CLOSED);

    calls(1, Outcome.SILENT, 0);

    assertThat(circuit.state(0)).isEqualTo(CircuitState.OPEN);
  }

  @Test
  void whatSaysNothingAboutTheProviderIsNotCounted() {
    calls(100, Outcome.NEUTRAL, 0);

    assertThat(circuit.state(0)).isEqualTo(CircuitState.CLOSED);
    assertThat(circuit.ended(0)).isZero();
  }

  @Test
  void failuresOlderThanTenSecondsAreForgotten() {
    calls(9, Outcome.FAULTY, 0);

    calls(1, Outcome.FAULTY, 11 * SECOND);

    assertThat(circuit.state(11 * SECOND)).isEqualTo(CircuitState.CLOSED);
    assertThat(circuit.ended(11 * SECOND)).isEqualTo(1);
  }

  @Test
  void halfOpenLetsOneCallAtATimeThroughAndTwoGoodOnesCloseIt() {
    calls(10, Outcome.FAULTY, 0);
    var now = circuit.waitNanos(0);

    var first = circuit.begin(now);
    assertThat(circuit.state(now)).isEqualTo(CircuitState.HALF_OPEN);
    assertThat(circuit.waitNanos(now)).isPositive();
    circuit.ended(first, Outcome.ANSWERED, now);
    assertThat(circuit.waitNanos(now)).isZero();
    circuit.ended(circuit.begin(now), Outcome.ANSWERED, now);

    assertThat(circuit.state(now)).isEqualTo(CircuitState.CLOSED);
    assertThat(circuit.failed(now)).as("the past is forgotten").isZero();
  }

  @Test
  void aBadProbeOpensItForLongerButNeverForMoreThanTenSeconds() {
    calls(10, Outcome.FAULTY, 0);
    var now = 0L;
    for (int i = 0; i < 10; i++) {
      now += circuit.waitNanos(now);
      circuit.ended(circuit.begin(now), Outcome.SILENT, now);

      assertThat(circuit.waitNanos(now)).isBetween(8 * SECOND, 10 * SECOND);
    }
  }

  @Test
  void aProbeThatSaysNothingMakesRoomForAnother() {
    calls(10, Outcome.FAULTY, 0);
    var now = circuit.waitNanos(0);

    circuit.ended(circuit.begin(now), Outcome.NEUTRAL, now);

    assertThat(circuit.waitNanos(now)).isZero();
    assertThat(circuit.state(now)).isEqualTo(CircuitState.HALF_OPEN);
  }

  @Test
  void aProbeThatTakesLongDoesNotKeepTheNextOneWaiting() {
    calls(10, Outcome.FAULTY, 0);
    var now = circuit.waitNanos(0);
    circuit.begin(now);

    assertThat(circuit.waitNanos(now + 9 * SECOND)).isPositive();
    assertThat(circuit.waitNanos(now + 10 * SECOND)).isZero();
  }

  @Test
  void callsThatBeganBeforeItOpenedNeitherCloseItNorKeepItOpen() {
    var old = circuit.begin(0);
    calls(10, Outcome.FAULTY, 0);
    var now = circuit.waitNanos(0);
    var probe = circuit.begin(now);

    circuit.ended(old, Outcome.ANSWERED, now);
    circuit.ended(old, Outcome.FAULTY, now);

    assertThat(circuit.state(now)).isEqualTo(CircuitState.HALF_OPEN);
    assertThat(circuit.waitNanos(now)).as("the probe is still under way").isPositive();
    circuit.ended(probe, Outcome.ANSWERED, now);
    assertThat(circuit.state(now)).isEqualTo(CircuitState.HALF_OPEN);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void whoAsksEveryFourSecondsIsBackWithinHalfAMinuteOfTheRecovery(long seed) {
    var random = new Random(seed);
    var watched = new Circuit(random, 0);
    var healthyFrom = 60 * SECOND;
    var backAt = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      watched.ended(watched.begin(0), Outcome.SILENT, 0);
    }
    for (long now = (long) (random.nextDouble() * 4 * SECOND);
        now < 120 * SECOND;
        now += 4 * SECOND) {
      if (watched.waitNanos(now) == 0) {
        var healthy = now >= healthyFrom;
        watched.ended(watched.begin(now), healthy ? Outcome.ANSWERED : Outcome.SILENT, now);
      }
      if (now >= healthyFrom && watched.state(now) == CircuitState.CLOSED) {
        backAt = Math.min(backAt, now);
      }
    }

    assertThat(backAt - healthyFrom).isLessThan(30 * SECOND);
  }

  private void calls(int count, Outcome outcome, long now) {
    for (int i = 0; i < count; i++) {
      circuit.ended(circuit.begin(now), outcome, now);
    }
  }
}
