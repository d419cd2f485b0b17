package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.schemas.avro.CircuitState;
import io.penstock.schemas.avro.CredentialStatus;
import io.penstock.schemas.avro.ModelLimitStatus;
import io.penstock.schemas.avro.PoolStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PauseTailTest {

  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final TopicPartition PARTITION = new TopicPartition("pools", 0);

  private record Pause(String pool, String credential, @Nullable String model, Duration time) {}

  @Test
  void whatAnotherWorkerWasToldIsHeardAndWhatWeWereToldIsNot() {
    var heard = new CopyOnWriteArrayList<Pause>();
    var consumer = new MockConsumer<String, SpecificRecord>("earliest");
    consumer.updatePartitions(
        "pools", List.of(new PartitionInfo("pools", 0, Node.noNode(), new Node[0], new Node[0])));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, 0L));
    try (var tail =
        new PauseTail(
            () -> consumer,
            "pools",
            "us",
            (pool, credential, model, time) -> heard.add(new Pause(pool, credential, model, time)),
            InstantSource.fixed(NOW))) {
      await().until(() -> !consumer.assignment().isEmpty());

      consumer.addRecord(record(0, status("us", NOW.plusSeconds(1))));
      consumer.addRecord(record(1, status("other", null)));
      consumer.addRecord(record(2, status("other", NOW.plusSeconds(3))));

      await().until(() -> heard.size() >= 2);
      assertThat(tail).isNotNull();
    }
    assertThat(heard)
        .containsExactly(
            new Pause("alpha", "a", null, Duration.ofSeconds(3)),
            new Pause("alpha", "a", "m", Duration.ofSeconds(3)));
  }

  @Test
  void aClockThatIsMinutesOffDoesNotChangeAPauseThatWasJustTold() {
    var theirs = NOW.plusSeconds(300);

    assertThat(PauseTail.left(theirs.plusSeconds(2), theirs, true, NOW))
        .isEqualTo(Duration.ofSeconds(2));
    theirs = NOW.minusSeconds(300);
    assertThat(PauseTail.left(theirs.plusSeconds(2), theirs, true, NOW))
        .isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void anOldPauseIsOver() {
    var before = NOW.minusSeconds(60);

    assertThat(PauseTail.left(before.plusSeconds(5), before, false, NOW)).isNull();
    assertThat(PauseTail.left(before.plusSeconds(70), before, false, NOW))
        .isEqualTo(Duration.ofSeconds(10));
  }

  private static ConsumerRecord<String, SpecificRecord> record(long offset, PoolStatus status) {
    return new ConsumerRecord<>("pools", 0, offset, "alpha/" + status.getInstance(), status);
  }

  private static PoolStatus status(String instance, @Nullable Instant pausedUntil) {
    return PoolStatus.newBuilder()
        .setPool("alpha")
        .setInstance(instance)
        .setInFlight(0)
        .setWaiting(0)
        .setSharePermille(500)
        .setCircuit(CircuitState.CLOSED)
        .setFinished(0)
        .setFailed(0)
        .setCredentials(
            List.of(
                CredentialStatus.newBuilder()
                    .setName("a")
                    .setPausedUntil(pausedUntil)
                    .setModels(
                        List.of(
                            ModelLimitStatus.newBuilder()
                                .setUpstreamModel("m")
                                .setPausedUntil(pausedUntil)
                                .build()))
                    .build()))
        .setAt(NOW)
        .build();
  }
}
