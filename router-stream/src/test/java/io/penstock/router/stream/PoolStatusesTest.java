package io.penstock.router.stream;

import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.select.PoolHealth.State;
import io.penstock.schemas.avro.CircuitState;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.PoolStatus;
import io.penstock.schemas.avro.UpstreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PoolStatusesTest {

  private static final long NOW = T0.toEpochMilli();

  private final PoolStatuses statuses = new PoolStatuses();
  private final PoolHealthMemory memory = new PoolHealthMemory(statuses);

  static PoolStatus status(String instance, UpstreamStatus... upstreams) {
    return PoolStatus.newBuilder()
        .setPool("alpha")
        .setInstance(instance)
        .setInFlight(0)
        .setWaiting(0)
        .setSharePermille(500)
        .setCircuit(CircuitState.CLOSED)
        .setFinished(0)
        .setFailed(0)
        .setUpstreams(List.of(upstreams))
        .setAt(Instant.EPOCH)
        .build();
  }

  private static UpstreamStatus upstream(
      CircuitState circuit, @Nullable Instant probeAt, @Nullable Long millis, long ended) {
    return new UpstreamStatus("m", circuit, probeAt, millis, ended, 0L);
  }

  private static UpstreamStatus open(Instant probeAt) {
    return upstream(CircuitState.OPEN, probeAt, null, 0);
  }

  private State state(long atMillis) {
    return memory.at(atMillis).of("alpha", "m").state();
  }

  @Test
  void anOpenCircuitIsDownUntilItsProbeIsDueAndThenTriedOnceASecond() {
    statuses.heard(status("w1", open(T0.plusSeconds(2))), NOW);

    assertThat(state(NOW)).isEqualTo(State.DOWN);
    assertThat(memory.at(NOW).of("alpha", "m").probeAt()).isEqualTo(T0.plusSeconds(2));
    assertThat(state(NOW + 2_000)).isEqualTo(State.PROBE_DUE);
    memory.called("alpha", "m", NOW + 2_000);
    assertThat(state(NOW + 2_100)).isEqualTo(State.DOWN);
    assertThat(state(NOW + 3_000)).isEqualTo(State.PROBE_DUE);
  }

  @Test
  void aCircuitThatIsHalfOpenWaitsForItsProbe() {
    statuses.heard(status("w1", upstream(CircuitState.HALF_OPEN, null, null, 0)), NOW);

    assertThat(state(NOW)).isEqualTo(State.PROBE_DUE);
  }

  @Test
  void aCircuitThatClosesIsUpAtOnce() {
    statuses.heard(status("w1", open(T0.plusSeconds(60))), NOW);

    statuses.heard(status("w1", upstream(CircuitState.CLOSED, null, 50L, 1)), NOW + 1_000);

    assertThat(state(NOW + 1_000)).isEqualTo(State.UP);
  }

  @Test
  void oneWorkerThatGetsAnswersOutweighsOneThatDoesNot() {
    statuses.heard(status("w1", open(T0.plusSeconds(9))), NOW);
    statuses.heard(status("w2", upstream(CircuitState.CLOSED, null, null, 0)), NOW);
    assertThat(state(NOW)).isEqualTo(State.DOWN);

    statuses.heard(status("w2", upstream(CircuitState.CLOSED, null, null, 3)), NOW);

    assertThat(state(NOW)).isEqualTo(State.UP);
  }

  @Test
  void whatIsOldIsNotBelieved() {
    statuses.heard(status("w1", open(T0.plusSeconds(60))), NOW);

    assertThat(state(NOW + PoolStatuses.BELIEVED.toMillis())).isEqualTo(State.DOWN);
    assertThat(state(NOW + PoolStatuses.BELIEVED.toMillis() + 1)).isEqualTo(State.UP);
  }

  @Test
  void aWorkerThatIsGoneIsForgottenWhileOthersSpeak() {
    statuses.heard(status("gone", open(T0.plusSeconds(60))), NOW);

    statuses.heard(
        status("here", upstream(CircuitState.CLOSED, null, 40L, 0)),
        NOW + PoolStatuses.BELIEVED.toMillis() + 1);

    assertThat(state(NOW + PoolStatuses.BELIEVED.toMillis() + 1)).isEqualTo(State.UP);
  }

  @Test
  void latencyIsTheMeanOfWhatWorkersMeasure() {
    statuses.heard(status("w1", upstream(CircuitState.CLOSED, null, 100L, 5)), NOW);
    statuses.heard(status("w2", upstream(CircuitState.CLOSED, null, 300L, 5)), NOW);
    statuses.heard(status("w3", upstream(CircuitState.CLOSED, null, null, 0)), NOW);

    assertThat(memory.at(NOW).of("alpha", "m").firstByteMillis()).isEqualTo(200);
    assertThat(memory.at(NOW).of("alpha", "other").firstByteMillis()).isNull();
  }

  @Test
  void threeSilencesInARowAreSeenBeforeAnyWorkerSaysSo() {
    for (int i = 0; i < PoolHealthMemory.FAILURES; i++) {
      assertThat(state(NOW)).isEqualTo(State.UP);
      memory.called("alpha", "m", NOW);
      memory.failed("alpha", "m", FailureKind.TIMEOUT);
    }

    assertThat(state(NOW)).isEqualTo(State.DOWN);
    assertThat(memory.at(NOW).of("alpha", "other").state()).isEqualTo(State.UP);
    assertThat(state(NOW + 1_000)).isEqualTo(State.PROBE_DUE);
    memory.answered("alpha", "m");
    assertThat(state(NOW)).isEqualTo(State.UP);
  }

  @Test
  void theTailHearsWhatComesAfterItsStart() {
    var partition = new TopicPartition("pools", 0);
    var consumer = new MockConsumer<String, PoolStatus>("earliest");
    consumer.updateBeginningOffsets(Map.of(partition, 0L));
    consumer.updateEndOffsets(Map.of(partition, 7L));
    var down = status("w1", open(Instant.MAX.truncatedTo(java.time.temporal.ChronoUnit.DAYS)));
    try (var tail = new PoolTail(() -> consumer, "pools", statuses, InstantSource.system())) {
      assertThat(tail).isNotNull();
      Awaitility.await().until(() -> consumer.assignment().contains(partition));

      consumer.schedulePollTask(
          () -> consumer.addRecord(new ConsumerRecord<>("pools", 0, 7, "alpha/w1", down)));

      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> statuses.of("alpha", "m", System.currentTimeMillis()) != null);
    }
    assertThat(consumer.closed()).isTrue();
  }
}
