package io.penstock.router.stream;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.TopicTail;
import io.penstock.schemas.avro.PoolStatus;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Follows the end of topic {@code pools}; every status heard goes into a memory. When it cannot be
 * read, the router goes by what it sees itself.
 */
public final class PoolTail implements AutoCloseable, TopicTail.Reader<PoolStatus> {

  private final TopicPartition partition;
  private final PoolStatuses statuses;
  private final InstantSource clock;
  private final TopicTail<PoolStatus> tail;

  /**
   * Begins to read.
   *
   * @param consumers opens a consumer without a group
   */
  PoolTail(
      Supplier<? extends Consumer<String, PoolStatus>> consumers,
      String topic,
      PoolStatuses statuses,
      InstantSource clock) {
    this.partition = new TopicPartition(topic, 0);
    this.statuses = statuses;
    this.clock = clock;
    this.tail = new TopicTail<>("pool-tail", consumers, topic, this);
  }

  /** Starts following. */
  public static PoolTail start(KafkaClients clients, PoolStatuses statuses) {
    return new PoolTail(
        () ->
            clients.consumer(
                "router-pools", IsolationLevel.READ_UNCOMMITTED, PoolStatus.class, Map.of()),
        clients.topics().pools(),
        statuses,
        InstantSource.system());
  }

  @Override
  public void begin(Consumer<String, PoolStatus> consumer) {
    consumer.assign(List.of(partition));
    consumer.seekToEnd(List.of(partition));
  }

  @Override
  public void read(ConsumerRecord<String, PoolStatus> record) {
    if (record.value() != null) {
      statuses.heard(record.value(), clock.millis());
    }
  }

  @Override
  public void close() {
    tail.close();
  }
}
