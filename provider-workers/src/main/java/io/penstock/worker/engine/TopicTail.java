package io.penstock.worker.engine;

import io.penstock.platform.telemetry.LogKeys;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic as long as the process lives, on a thread of its own and without a group. When it
 * cannot be read, it begins anew after a while; a record that cannot be read is left out.
 */
final class TopicTail implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TopicTail.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /** What is read, and from where; called by the tail's thread. */
  interface Reader {
    /** Assigns the partitions and goes to where reading begins. */
    void begin(Consumer<String, SpecificRecord> consumer);

    /** Hears of a record. */
    void read(ConsumerRecord<String, SpecificRecord> record);
  }

  private final Supplier<Consumer<String, SpecificRecord>> consumers;
  private final String topic;
  private final Reader reader;
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable Consumer<String, SpecificRecord> open;

  /**
   * Begins to read.
   *
   * @param name of the thread
   * @param consumers opens a consumer without a group
   */
  TopicTail(
      String name,
      Supplier<Consumer<String, SpecificRecord>> consumers,
      String topic,
      Reader reader) {
    this.consumers = consumers;
    this.topic = topic;
    this.reader = reader;
    this.thread = Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  private void run() {
    while (!closed) {
      try (var consumer = consumers.get()) {
        open = consumer;
        reader.begin(consumer);
        while (!closed) {
          poll(consumer);
        }
      } catch (WakeupException e) {
        // closed
      } catch (KafkaException e) {
        LOG.atWarn()
            .addKeyValue(LogKeys.TOPIC, topic)
            .setCause(e)
            .log("a topic that workers follow cannot be read, trying again");
        LockSupport.parkNanos(RETRY.toNanos());
      } finally {
        open = null;
      }
    }
  }

  private void poll(Consumer<String, SpecificRecord> consumer) {
    try {
      consumer.poll(POLL).forEach(reader::read);
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
