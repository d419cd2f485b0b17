package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.schemas.avro.CallCancelled;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tail of cancels on the Kafka client's own consumer in memory. */
class CancelTailTest {

  private static final String TOPIC = "penstock.cancels";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private final List<String> cancelled = new CopyOnWriteArrayList<>();

  @Test
  void itBeginsAMinuteAgoAndHearsWhatComesThen() {
    var consumer = new Tailed(3L);
    try (var tail =
        new CancelTail(() -> consumer, TOPIC, cancelled::add, InstantSource.fixed(NOW))) {
      await().until(() -> consumer.assignment().contains(PARTITION) && consumer.positioned);

      consumer.addRecord(record(3, "lately"));
      consumer.addRecord(record(4, "now"));

      await().atMost(Duration.ofSeconds(5)).until(() -> cancelled.size() == 2);
      assertThat(cancelled).containsExactly("lately", "now");
      assertThat(consumer.asked).containsEntry(PARTITION, NOW.minusSeconds(60).toEpochMilli());
      assertThat(tail).isNotNull();
    }
    assertThat(consumer.closed()).isTrue();
  }

  @Test
  void aFailureOfTheBrokerEndsNothing() {
    var failing = new Tailed(null);
    failing.setPollException(new KafkaException("no broker"));
    var second = new Tailed(null);
    var consumers = new ConcurrentLinkedQueue<>(List.of(failing, second));
    try (var tail =
        new CancelTail(consumers::remove, TOPIC, cancelled::add, InstantSource.fixed(NOW))) {
      await().atMost(Duration.ofSeconds(5)).until(() -> second.positioned);

      second.addRecord(record(9, "r"));

      await().atMost(Duration.ofSeconds(5)).until(() -> cancelled.contains("r"));
      assertThat(tail).isNotNull();
    }
  }

  private static ConsumerRecord<String, SpecificRecord> record(long offset, String requestId) {
    return new ConsumerRecord<>(TOPIC, 0, offset, "org", new CallCancelled(requestId, "org", NOW));
  }

  /** A partition whose last minute begins at an offset, or holds nothing, and ends at 9. */
  private static final class Tailed extends MockConsumer<String, SpecificRecord> {
    private final @Nullable Long lastMinute;
    private volatile boolean positioned;
    private volatile Map<TopicPartition, Long> asked = Map.of();

    Tailed(@Nullable Long lastMinute) {
      super("earliest");
      this.lastMinute = lastMinute;
      updateBeginningOffsets(Map.of(PARTITION, 0L));
      updateEndOffsets(Map.of(PARTITION, 9L));
    }

    @Override
    public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
        Map<TopicPartition, Long> times) {
      asked = Map.copyOf(times);
      return lastMinute == null
          ? Map.of()
          : Map.of(PARTITION, new OffsetAndTimestamp(lastMinute, NOW.toEpochMilli()));
    }

    @Override
    public synchronized long position(TopicPartition partition) {
      var position = super.position(partition);
      positioned = true;
      return position;
    }
  }
}
