package io.penstock.platform.catalog;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.CatalogEntry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the catalogue topic from its beginning and keeps an immutable snapshot current. One
 * thread of its own writes the snapshot; anybody may read it.
 */
public final class CatalogReader implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CatalogReader.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final KafkaConsumer<String, CatalogEntry> consumer;
  private final TopicPartition partition;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final List<Consumer<Catalog>> listeners = new CopyOnWriteArrayList<>();
  private final Map<String, CatalogEntry> entries = new HashMap<>();
  private volatile Catalog snapshot = Catalog.EMPTY;
  private volatile boolean closed;
  private long position;

  private CatalogReader(KafkaConsumer<String, CatalogEntry> consumer, TopicPartition partition) {
    this.consumer = consumer;
    this.partition = partition;
    this.thread = Thread.ofPlatform().name("catalog-reader").daemon().unstarted(this::run);
  }

  /** Starts following; use {@link #awaitCurrent} before relying on the snapshot. */
  public static CatalogReader start(KafkaClients clients, String clientId) {
    var consumer =
        clients.consumer(clientId, IsolationLevel.READ_COMMITTED, CatalogEntry.class, Map.of());
    var reader = new CatalogReader(consumer, new TopicPartition(clients.topics().catalog(), 0));
    reader.thread.start();
    return reader;
  }

  /** The catalogue now. */
  public Catalog snapshot() {
    return snapshot;
  }

  /**
   * Calls a listener with the present snapshot and with every later one, in the reader's thread.
   */
  public void onChange(Consumer<Catalog> listener) {
    listeners.add(listener);
    listener.accept(snapshot);
  }

  /**
   * Waits until everything up to an offset (exclusive) has been read.
   *
   * @return false when the time ran out first
   */
  public boolean await(long offset, Duration timeout) throws InterruptedException {
    var left = timeout.toNanos();
    lock.lock();
    try {
      while (position < offset) {
        if (left <= 0) {
          return false;
        }
        left = moved.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the reader has seen all that was in the topic at the time of the call.
   *
   * @return false when the time ran out first
   */
  public boolean awaitCurrent(KafkaClients clients, Duration timeout) throws InterruptedException {
    try (var probe =
        clients.consumer(
            "catalog-end", IsolationLevel.READ_COMMITTED, CatalogEntry.class, Map.of())) {
      return await(probe.endOffsets(List.of(partition)).getOrDefault(partition, 0L), timeout);
    }
  }

  private void run() {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    while (!closed) {
      try {
        poll();
      } catch (WakeupException e) {
        // close() or a spurious wake-up: the loop condition decides
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.atError().setCause(e).log("catalogue cannot be read, keeping the last good snapshot");
        }
      }
    }
  }

  private void poll() {
    var records = consumer.poll(POLL);
    for (var record : records) {
      if (record.value() == null) {
        entries.remove(record.key());
      } else {
        entries.put(record.key(), record.value());
      }
    }
    if (!records.isEmpty()) {
      snapshot = new Catalog(entries);
      LOG.atDebug().addKeyValue(LogKeys.COUNT, entries.size()).log("catalogue changed");
      listeners.forEach(listener -> listener.accept(snapshot));
    }
    var reached = consumer.position(partition);
    lock.lock();
    try {
      position = reached;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    consumer.close();
  }
}
