package io.penstock.platform.kafka;

import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.RecordSerdes;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic as long as the process lives, on a thread of its own and without a group. When it
 * cannot be read, it begins anew after a while, with a new consumer; when only the registry is
 * away, it waits where it is.
 */
public final class TopicTail<T extends SpecificRecord> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TopicTail.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /** What is read, and from where; called by the tail's thread. */
  public interface Reader<T extends SpecificRecord> {
    /** Assigns the partitions and goes to where reading begins, or goes on after a failure. */
    void begin(Consumer<String, T> consumer);

    /** Hears of a record. */
    void read(ConsumerRecord<String, T> record);

    /** All that came at once was read; called after each wait, also when nothing came. */
    default void pause(Consumer<String, T> consumer) {}

    /**
     * A record cannot be decoded, and not for want of the registry: left out, unless the reader
     * would rather stay where it is and throws.
     */
    default void unreadable(RecordDeserializationException record) {}
  }

  private final Supplier<? extends Consumer<String, T>> consumers;
  private final String topic;
  private final Reader<T> reader;
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable Consumer<String, T> open;

  /**
   * Begins to read.
   *
   * @param name of the thread
   * @param consumers opens a consumer without a group
   * @param topic for the log of this process
   */
  public TopicTail(
      String name,
      Supplier<? extends Consumer<String, T>> consumers,
      String topic,
      Reader<T> reader) {
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
      } catch (RuntimeException e) {
        LOG.atWarn()
            .addKeyValue(LogKeys.TOPIC, topic)
            .setCause(e)
            .log("a topic that is followed cannot be read, trying again");
        LockSupport.parkNanos(RETRY.toNanos());
      } finally {
        open = null;
      }
    }
  }

  private void poll(Consumer<String, T> consumer) {
    try {
      consumer.poll(POLL).forEach(reader::read);
    } catch (RecordDeserializationException e) {
      if (RecordSerdes.registryAway(e)) {
        // the record is not to blame, and its consumer stays before it: it is read once the
        // registry is back
        LOG.atWarn()
            .addKeyValue(LogKeys.TOPIC, topic)
            .setCause(e)
            .log("a record cannot be read while the registry is away, trying again");
        LockSupport.parkNanos(RETRY.toNanos());
        return;
      }
      reader.unreadable(e);
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, topic)
          .setCause(e)
          .log("a record cannot be read, leaving it out");
      consumer.seek(e.topicPartition(), e.offset() + 1);
    }
    reader.pause(consumer);
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
