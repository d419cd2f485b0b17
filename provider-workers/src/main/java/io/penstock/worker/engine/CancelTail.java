package io.penstock.worker.engine;

import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.CallCancelled;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code cancels} as long as the process lives, beginning a minute ago: a call that was
 * cancelled while nobody ran here may still be waiting. It has a thread of its own and no group.
 */
final class CancelTail implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CancelTail.class);
  private static final Duration BACK = Duration.ofMinutes(1);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final Supplier<org.apache.kafka.clients.consumer.Consumer<String, SpecificRecord>>
      consumers;
  private final TopicPartition partition;
  private final Consumer<String> cancelled;
  private final InstantSource clock;
  private final Thread thread;
  private volatile boolean closed;
  private volatile org.apache.kafka.clients.consumer.@Nullable Consumer<String, SpecificRecord>
      open;

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
    this.consumers = consumers;
    this.partition = new TopicPartition(topic, 0);
    this.cancelled = cancelled;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("worker-cancels").daemon().start(this::run);
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
            .addKeyValue(LogKeys.TOPIC, partition.topic())
            .setCause(e)
            .log("cancels cannot be read, trying again");
        LockSupport.parkNanos(RETRY.toNanos());
      } finally {
        open = null;
      }
    }
  }

  private void begin(org.apache.kafka.clients.consumer.Consumer<String, SpecificRecord> consumer) {
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

  private void poll(org.apache.kafka.clients.consumer.Consumer<String, SpecificRecord> consumer) {
    try {
      for (var record : consumer.poll(POLL)) {
        if (record.value() instanceof CallCancelled cancel) {
          cancelled.accept(cancel.getRequestId());
        }
      }
    } catch (RecordDeserializationException e) {
      consumer.seek(e.topicPartition(), e.offset() + 1);
    }
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
