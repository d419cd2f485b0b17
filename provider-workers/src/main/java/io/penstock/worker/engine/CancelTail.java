package io.penstock.worker.engine;

import io.penstock.platform.kafka.TopicTail;
import io.penstock.schemas.avro.CallCancelled;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads {@code cancels} as long as the process lives, beginning a minute ago: a call that was
 * cancelled while nobody ran here may still be waiting.
 */
final class CancelTail implements AutoCloseable, TopicTail.Reader<SpecificRecord> {

  private static final Duration BACK = Duration.ofMinutes(1);

  private final TopicPartition partition;
  private final Consumer<String> cancelled;
  private final InstantSource clock;
  private final TopicTail<SpecificRecord> tail;

  /**
   * Begins to read.
   *
   * @param consumers opens a consumer without a group
   * @param cancelled told the id of each request that was cancelled
   */
  CancelTail(
      Supplier<org.apache.kafka.clients.consumer.Consumer<String, SpecificRecord>> consumers,
      String topic,
      Consumer<String> cancelled,
      InstantSource clock) {
    this.partition = new TopicPartition(topic, 0);
    this.cancelled = cancelled;
    this.clock = clock;
    this.tail = new TopicTail<>("worker-cancels", consumers, topic, this);
  }

  @Override
  public void begin(org.apache.kafka.clients.consumer.Consumer<String, SpecificRecord> consumer) {
    consumer.assign(List.of(partition));
    var found =
        consumer
            .offsetsForTimes(Map.of(partition, clock.instant().minus(BACK).toEpochMilli()))
            .get(partition);
    if (found == null) {
      consumer.seekToEnd(List.of(partition));
    } else {
      consumer.seek(partition, found.offset());
    }
    // fixes the end before the first wait: what comes from now on is read
    consumer.position(partition);
  }

  @Override
  public void read(ConsumerRecord<String, SpecificRecord> record) {
    if (record.value() instanceof CallCancelled cancel) {
      cancelled.accept(cancel.getRequestId());
    }
  }

  @Override
  public void close() {
    tail.close();
  }
}
