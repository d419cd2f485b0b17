package io.penstock.router.stream;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.schemas.avro.PoolStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the end of topic {@code pools}. A thread of its own reads; when it cannot, the router
 * goes by what it sees itself.
 */
public final class PoolTail implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PoolTail.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

  private final Consumer<String, PoolStatus> consumer;
  private final TopicPartition partition;
  private final PoolStatuses statuses;
  private final Thread thread;
  private volatile boolean closed;

  PoolTail(Consumer<String, PoolStatus> consumer, TopicPartition partition, PoolStatuses statuses) {
    this.consumer = consumer;
    this.partition = partition;
    this.statuses = statuses;
    this.thread = Thread.ofPlatform().name("pool-tail").daemon().unstarted(this::run);
  }

  /** Starts following; every status heard goes into the given memory. */
  public static PoolTail start(KafkaClients clients, PoolStatuses statuses) {
    var consumer =
        clients.consumer(
            "router-pools", IsolationLevel.READ_UNCOMMITTED, PoolStatus.class, Map.of());
    var tail = new PoolTail(consumer, new TopicPartition(clients.topics().pools(), 0), statuses);
    tail.begin();
    return tail;
  }

  void begin() {
    thread.start();
  }

  private void run() {
    consumer.assign(List.of(partition));
    consumer.seekToEnd(List.of(partition));
    while (!closed) {
      try {
        for (var record : consumer.poll(POLL)) {
          if (record.value() != null) {
            statuses.heard(record.value(), System.currentTimeMillis());
          }
        }
      } catch (WakeupException e) {
        // close(): the loop condition decides
      } catch (RecordDeserializationException e) {
        consumer.seek(partition, e.offset() + 1);
        LOG.atWarn().setCause(e).log("the status of a pool cannot be read, skipping it");
      } catch (KafkaException e) {
        LOG.atWarn().setCause(e).log("the status of pools cannot be read, trying again");
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    consumer.wakeup();
    try {
      thread.join(CLOSE_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    consumer.close();
  }
}
