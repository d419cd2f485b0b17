package io.penstock.worker.engine;

import io.penstock.platform.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lane's topic on a plain consumer of the classic group protocol. */
final class KafkaCallSource implements CallSource {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaCallSource.class);
  private static final String TRACEPARENT = "traceparent";
  private static final Duration POSITION_WAIT = Duration.ofMillis(1);
  private static final Duration COMMIT_WAIT = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(3);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private int partitionCount = 1;

  KafkaCallSource(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    this.consumer = consumer;
    this.topic = topic;
  }

  @Override
  public void subscribe(Ownership ownership) {
    consumer.subscribe(
        List.of(topic),
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            countPartitions();
            ownership.assigned(Set.copyOf(partitions));
          }

          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            ownership.revoked(Set.copyOf(partitions));
          }

          @Override
          public void onPartitionsLost(Collection<TopicPartition> partitions) {
            ownership.lost(Set.copyOf(partitions));
          }
        });
  }

  private void countPartitions() {
    var known = consumer.partitionsFor(topic);
    partitionCount = Math.max(1, known == null ? 1 : known.size());
  }

  @Override
  public List<Incoming> poll(Duration wait) {
    var records = consumer.poll(wait);
    if (records.isEmpty()) {
      return List.of();
    }
    var incoming = new ArrayList<Incoming>(records.count());
    for (var record : records) {
      incoming.add(
          new Incoming(
              new TopicPartition(record.topic(), record.partition()),
              record.offset(),
              record.key(),
              record.value(),
              traceparent(record)));
    }
    return incoming;
  }

  private static @Nullable String traceparent(ConsumerRecord<byte[], byte[]> record) {
    var header = record.headers().lastHeader(TRACEPARENT);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.US_ASCII);
  }

  @Override
  public Map<TopicPartition, Position> committed(Set<TopicPartition> partitions) {
    var positions = new HashMap<TopicPartition, Position>();
    consumer
        .committed(partitions)
        .forEach(
            (partition, committed) -> {
              if (committed != null) {
                positions.put(partition, new Position(committed.offset(), committed.metadata()));
              }
            });
    return positions;
  }

  @Override
  public long position(TopicPartition partition) {
    try {
      return consumer.position(partition, POSITION_WAIT);
    } catch (TimeoutException e) {
      return -1;
    }
  }

  @Override
  public Map<TopicPartition, Long> ends(Set<TopicPartition> partitions) {
    return consumer.endOffsets(partitions);
  }

  @Override
  public void setPaused(Set<TopicPartition> partitions) {
    var paused = consumer.paused();
    if (paused.equals(partitions)) {
      return;
    }
    var assigned = consumer.assignment();
    var toResume = new HashSet<>(paused);
    toResume.removeAll(partitions);
    consumer.resume(toResume);
    var toPause = new HashSet<>(partitions);
    toPause.removeAll(paused);
    toPause.retainAll(assigned);
    consumer.pause(toPause);
  }

  @Override
  public void commitLater(Map<TopicPartition, Position> positions, Consumer<Boolean> done) {
    consumer.commitAsync(
        kafkaPositions(positions),
        (committed, failure) -> {
          if (failure != null) {
            LOG.atWarn()
                .addKeyValue(LogKeys.TOPIC, topic)
                .addKeyValue("reason", failure)
                .log("offsets not committed, trying again");
          }
          done.accept(failure == null);
        });
  }

  @Override
  public boolean commitNow(Map<TopicPartition, Position> positions) {
    if (positions.isEmpty()) {
      return true;
    }
    try {
      consumer.commitSync(kafkaPositions(positions), COMMIT_WAIT);
      return true;
    } catch (KafkaException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, topic)
          .addKeyValue("reason", e)
          .log(
              "offsets not committed: calls since the last commit are looked up by the next owner");
      return false;
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> kafkaPositions(
      Map<TopicPartition, Position> positions) {
    var kafka = new HashMap<TopicPartition, OffsetAndMetadata>();
    positions.forEach(
        (partition, position) ->
            kafka.put(partition, new OffsetAndMetadata(position.offset(), position.metadata())));
    return kafka;
  }

  @Override
  public int partitionCount() {
    return partitionCount;
  }

  @Override
  public void close() {
    // a static member stays in the group unless told otherwise, and its partitions would lie idle
    consumer.close(
        CloseOptions.timeout(CLOSE_WAIT)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
  }
}
