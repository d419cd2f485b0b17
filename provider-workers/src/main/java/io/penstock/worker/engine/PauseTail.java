package io.penstock.worker.engine;

import io.penstock.platform.kafka.TopicTail;
import io.penstock.schemas.avro.PoolStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code pools} as long as the process lives: what a provider told another worker counts for
 * this one too.
 */
final class PauseTail implements AutoCloseable, TopicTail.Reader<SpecificRecord> {

  /** Hears of pauses. */
  interface Listener {
    /**
     * Nobody may call with this credential for so long.
     *
     * @param model this one; absent when none at all
     */
    void paused(String pool, String credential, @Nullable String model, Duration time);
  }

  private final String topic;
  private final String instance;
  private final Listener listener;
  private final InstantSource clock;
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private final TopicTail<SpecificRecord> tail;

  /**
   * Begins to read.
   *
   * @param consumers opens a consumer without a group
   * @param instance our own name: what we told is known
   */
  PauseTail(
      Supplier<Consumer<String, SpecificRecord>> consumers,
      String topic,
      String instance,
      Listener listener,
      InstantSource clock) {
    this.topic = topic;
    this.instance = instance;
    this.listener = listener;
    this.clock = clock;
    this.tail = new TopicTail<>("worker-pauses", consumers, topic, this);
  }

  @Override
  public void begin(Consumer<String, SpecificRecord> consumer) {
    var partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    // it is compacted, so there is not much more of it than workers and pools
    consumer.seekToBeginning(partitions);
    ends.clear();
    ends.putAll(consumer.endOffsets(partitions));
  }

  @Override
  public void read(ConsumerRecord<String, SpecificRecord> record) {
    if (record.value() instanceof PoolStatus status && !status.getInstance().equals(instance)) {
      var partition = new TopicPartition(record.topic(), record.partition());
      read(status, record.offset() >= ends.getOrDefault(partition, 0L));
    }
  }

  private void read(PoolStatus status, boolean justWritten) {
    for (var credential : status.getCredentials()) {
      read(status, credential.getName(), null, credential.getPausedUntil(), justWritten);
      for (var model : credential.getModels()) {
        var name = model.getUpstreamModel();
        read(status, credential.getName(), name, model.getPausedUntil(), justWritten);
      }
    }
  }

  private void read(
      PoolStatus status,
      String credential,
      @Nullable String model,
      @Nullable Instant until,
      boolean justWritten) {
    var left = until == null ? null : left(until, status.getAt(), justWritten, clock.instant());
    if (left != null) {
      listener.paused(status.getPool(), credential, model, left);
    }
  }

  /**
   * How long a pause still lasts; null when it is over. What was just written lasts as long as it
   * said, whatever the two clocks say. Of older words only that much is believed which is left by
   * our own clock.
   */
  static @Nullable Duration left(Instant until, Instant at, boolean justWritten, Instant now) {
    var told = Duration.between(at, until);
    var here = Duration.between(now, until);
    var left = justWritten || told.compareTo(here) < 0 ? told : here;
    return left.isPositive() ? left : null;
  }

  @Override
  public void close() {
    tail.close();
  }
}
