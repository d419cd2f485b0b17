package io.penstock.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.schemas.avro.CallCancelled;
import java.net.ConnectException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.RecordDeserializationException.DeserializationExceptionOrigin;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopicTailTest {

  private static final TopicPartition PARTITION = new TopicPartition("cancels", 0);

  private final List<String> heard = new CopyOnWriteArrayList<>();

  /** Hears every record, and fails at one the first time. */
  private final class Hearing implements TopicTail.Reader<CallCancelled> {
    private final Queue<String> failing = new ArrayDeque<>(List.of("bad"));

    @Override
    public void begin(Consumer<String, CallCancelled> consumer) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
    }

    @Override
    public void read(ConsumerRecord<String, CallCancelled> record) {
      heard.add(record.value().getRequestId());
      if (failing.remove(record.value().getRequestId())) {
        throw new IllegalStateException("a defect of the reader");
      }
    }
  }

  @Test
  void whatCannotBeDecodedIsLeftOut() {
    var consumer = consumer();
    try (var tail = new TopicTail<>("test", () -> consumer, "cancels", new Hearing())) {
      await().until(() -> consumer.assignment().contains(PARTITION));

      consumer.setPollException(undecodable(0, null));
      consumer.schedulePollTask(() -> {});
      consumer.schedulePollTask(() -> consumer.addRecord(record(1, "next")));

      await().untilAsserted(() -> assertThat(heard).containsExactly("next"));
      assertThat(tail).isNotNull();
    }
    assertThat(consumer.closed()).isTrue();
  }

  @Test
  void aRecordIsNotLeftOutBecauseTheRegistryIsAway() {
    var consumer = consumer();
    try (var tail = new TopicTail<>("test", () -> consumer, "cancels", new Hearing())) {
      await().until(() -> consumer.assignment().contains(PARTITION));

      consumer.setPollException(
          undecodable(0, new SerializationException("asking", new ConnectException("refused"))));
      consumer.schedulePollTask(() -> {});
      consumer.schedulePollTask(() -> consumer.addRecord(record(0, "first")));
      consumer.schedulePollTask(() -> consumer.addRecord(record(1, "next")));

      await().untilAsserted(() -> assertThat(heard).containsExactly("first", "next"));
      assertThat(consumer.closed()).isFalse();
      assertThat(tail).isNotNull();
    }
  }

  @Test
  void aReaderThatFailsIsBegunAnew() {
    var first = consumer();
    var second = consumer();
    var consumers = new ConcurrentLinkedQueue<>(List.of(first, second));
    try (var tail = new TopicTail<>("test", consumers::remove, "cancels", new Hearing())) {
      await().until(() -> first.assignment().contains(PARTITION));
      first.addRecord(record(0, "bad"));
      await().until(() -> second.assignment().contains(PARTITION));

      second.addRecord(record(0, "bad"));
      second.addRecord(record(1, "good"));

      await().untilAsserted(() -> assertThat(heard).containsExactly("bad", "bad", "good"));
      assertThat(first.closed()).isTrue();
      assertThat(tail).isNotNull();
    }
  }

  private static MockConsumer<String, CallCancelled> consumer() {
    var consumer = new MockConsumer<String, CallCancelled>("earliest");
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, 0L));
    return consumer;
  }

  private static ConsumerRecord<String, CallCancelled> record(long offset, String requestId) {
    return new ConsumerRecord<>(
        "cancels", 0, offset, "org", new CallCancelled(requestId, "org", Instant.EPOCH));
  }

  private static RecordDeserializationException undecodable(
      long offset, @Nullable Throwable cause) {
    return new RecordDeserializationException(
        DeserializationExceptionOrigin.VALUE,
        PARTITION,
        offset,
        0,
        TimestampType.CREATE_TIME,
        null,
        null,
        new RecordHeaders(),
        "not ours",
        cause);
  }
}
