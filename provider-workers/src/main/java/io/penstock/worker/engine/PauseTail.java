package io.penstock.worker.engine;

import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.PoolStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code pools} as long as the process lives: what a provider told another worker counts for
 * this one too. It has a thread of its own and no group.
 */
final class PauseTail implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PauseTail.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /** Hears of pauses. */
  interface Listener {
    /** Nobody may call with this credential for so long. */
    void paused(String pool, String credential, Duration time);
  }

  private final Supplier<Consumer<String, SpecificRecord>> consumers;
  private final String topic;
  private final String instance;
  private final Listener listener;
  private final InstantSource clock;
  private final Thread thread;
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private volatile boolean closed;
  private volatile @Nullable Consumer<String, SpecificRecord> open;

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
    this.consumers = consumers;
    this.topic = topic;
    this.instance = instance;
    this.listener = listener;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("worker-pauses").daemon().start(this::run);
  }

  private void run() {
    while (!closed) {
      try (var consumer = consumers.get()) {
        open = consumer;
        begin(consumer);
        while (!closed) {
          poll(consumer);
        }
      } catch (WakeupException e) {
        // closed
      } catch (KafkaException e) {
        LOG.atWarn()
            .addKeyValue(LogKeys.TOPIC, topic)
            .setCause(e)
            .log("pauses of other workers cannot be read, trying again");
        LockSupport.parkNanos(RETRY.toNanos());
      } finally {
        open = null;
      }
    }
  }

  private void begin(Consumer<String, SpecificRecord> consumer) {
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

  private void poll(Consumer<String, SpecificRecord> consumer) {
    try {
      for (var record : consumer.poll(POLL)) {
        if (record.value() instanceof PoolStatus status && !status.getInstance().equals(instance)) {
          var partition = new TopicPartition(record.topic(), record.partition());
          read(status, record.offset() >= ends.getOrDefault(partition, 0L));
        }
      }
    } catch (RecordDeserializationException e) {
      consumer.seek(e.topicPartition(), e.offset() + 1);
    }
  }

  private void read(PoolStatus status, boolean justWritten) {
    for (var credential : status.getCredentials()) {
      var until = credential.getPausedUntil();
      var left = until == null ? null : left(until, status.getAt(), justWritten, clock.instant());
      if (left != null) {
        listener.paused(status.getPool(), credential.getName(), left);
      }
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
    closed = true;
    LockSupport.unpark(thread);
    var running = open;
    if (running != null) {
      running.wakeup();
    }
    try {
      thread.join(CLOSE_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
