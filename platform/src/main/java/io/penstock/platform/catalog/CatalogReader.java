package io.penstock.platform.catalog;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.TopicTail;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.CatalogEntry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the catalogue topic from its beginning and keeps an immutable snapshot current. One
 * thread of its own writes the snapshot; anybody may read it.
 */
public final class CatalogReader implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CatalogReader.class);

  private final TopicPartition partition;
  private final TopicTail<CatalogEntry> tail;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final List<Consumer<Catalog>> listeners = new CopyOnWriteArrayList<>();
  private volatile Catalog snapshot = Catalog.EMPTY;
  private long position;

  CatalogReader(
      Supplier<? extends org.apache.kafka.clients.consumer.Consumer<String, CatalogEntry>>
          consumers,
      String topic) {
    this.partition = new TopicPartition(topic, 0);
    this.tail = new TopicTail<>("catalog-reader", consumers, topic, new Reading());
  }

  /** Starts following; use {@link #awaitCurrent} before relying on the snapshot. */
  public static CatalogReader start(KafkaClients clients, String clientId) {
    return new CatalogReader(
        () ->
            clients.consumer(clientId, IsolationLevel.READ_COMMITTED, CatalogEntry.class, Map.of()),
        clients.topics().catalog());
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
   * @param admin asked where the topic ends
   * @return false when the time ran out first
   * @throws KafkaException when the log does not say where it ends
   */
  public boolean awaitCurrent(Admin admin, Duration timeout) throws InterruptedException {
    var committed = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
    try {
      var end =
          admin
              .listOffsets(Map.of(partition, OffsetSpec.latest()), committed)
              .partitionResult(partition)
              .get();
      return await(end.offset(), timeout);
    } catch (ExecutionException e) {
      throw new KafkaException("the end of the catalogue cannot be found", e.getCause());
    }
  }

  private void reached(long offset) {
    lock.lock();
    try {
      position = offset;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The tail's thread: after a failure it goes on where it was, with what it knows. */
  private final class Reading implements TopicTail.Reader<CatalogEntry> {
    private final Map<String, CatalogEntry> entries = new HashMap<>();
    private boolean begun;
    private boolean changed;
    private long next;

    @Override
    public void begin(org.apache.kafka.clients.consumer.Consumer<String, CatalogEntry> consumer) {
      consumer.assign(List.of(partition));
      if (begun) {
        consumer.seek(partition, next);
      } else {
        consumer.seekToBeginning(List.of(partition));
      }
    }

    @Override
    public void read(ConsumerRecord<String, CatalogEntry> record) {
      if (record.value() == null) {
        entries.remove(record.key());
      } else {
        entries.put(record.key(), record.value());
      }
      changed = true;
    }

    @Override
    public void pause(org.apache.kafka.clients.consumer.Consumer<String, CatalogEntry> consumer) {
      next = consumer.position(partition);
      begun = true;
      try {
        if (changed) {
          changed = false;
          snapshot = new Catalog(entries);
          LOG.atDebug().addKeyValue(LogKeys.COUNT, entries.size()).log("catalogue changed");
          listeners.forEach(listener -> listener.accept(snapshot));
        }
      } finally {
        reached(next);
      }
    }

    /** A policy that cannot be read is not the absence of one: the last good snapshot stays. */
    @Override
    public void unreadable(RecordDeserializationException record) {
      throw record;
    }
  }

  @Override
  public void close() {
    tail.close();
  }
}
