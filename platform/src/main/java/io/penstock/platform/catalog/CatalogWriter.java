package io.penstock.platform.catalog;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.schemas.avro.CatalogEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;

/**
 * Writes changes of the catalogue, all of one call or none, and returns when the local reader has
 * seen them. Only the writer that was opened last can write: another one is fenced, and opens its
 * producer anew. So nobody writes between the look at the versions and the commit. Thread-safe: one
 * change at a time.
 */
public final class CatalogWriter implements AutoCloseable {

  private static final Duration READ_BACK_MAX = Duration.ofSeconds(10);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(5);
  private static final int TRIES_MAX = 10;

  private final KafkaClients clients;
  private final CatalogReader reader;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Open open;

  /** Opens its clients when it first writes. */
  public CatalogWriter(KafkaClients clients, CatalogReader reader) {
    this.clients = clients;
    this.reader = reader;
  }

  /** The clients of one writer, from its opening until it is fenced or fails. */
  private record Open(KafkaProducer<String, SpecificRecord> producer, Admin admin)
      implements AutoCloseable {

    static Open of(KafkaClients clients) {
      var open =
          new Open(
              clients.transactionalProducer(
                  "catalog-writer", clients.topics().prefix() + "catalog-writer"),
              clients.admin());
      try {
        open.producer.initTransactions();
        return open;
      } catch (KafkaException e) {
        open.close();
        throw e;
      }
    }

    /** Aborts what was not committed. */
    @Override
    public void close() {
      producer.close(CLOSE_MAX);
      admin.close(CLOSE_MAX);
    }
  }

  /** One change: an entry to put (its version is set by the writer), or a key to remove. */
  public sealed interface Change {
    String key();

    /**
     * Puts an entry, if the catalogue still holds the version that the change was made from (0 for
     * none).
     */
    record Put(CatalogEntry entry, long expectedVersion) implements Change {
      @Override
      public String key() {
        return entry.getKind() + "/" + entry.getName();
      }
    }

    /** Removes an entry. */
    record Remove(String key) implements Change {}
  }

  /** Somebody else changed an entry in the meantime: read again and decide anew. */
  public static final class ConflictException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConflictException(String key) {
      super("catalogue entry " + key + " was changed by somebody else in the meantime");
    }
  }

  /**
   * Writes the changes in one transaction and waits until they can be read.
   *
   * @throws ConflictException when an expected version is not the present one; nothing is written
   * @throws KafkaException when the log refuses; nothing is written
   */
  public void write(List<Change> changes) throws InterruptedException {
    lock.lock();
    try {
      for (var tries = 1; ; tries++) {
        try {
          writeOnce(changes);
          return;
        } catch (KafkaException e) {
          close(e);
          if (!outrun(e) || tries == TRIES_MAX) {
            throw e;
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void writeOnce(List<Change> changes) throws InterruptedException {
    var writing = open;
    if (writing == null) {
      writing = Open.of(clients);
      open = writing;
    }
    if (!reader.awaitCurrent(writing.admin(), READ_BACK_MAX)) {
      throw new KafkaException("the catalogue could not be read in time, so nothing was written");
    }
    checkVersions(changes);
    var producer = writing.producer();
    producer.beginTransaction();
    var acknowledgements = new ArrayList<Future<RecordMetadata>>();
    for (var change : changes) {
      acknowledgements.add(producer.send(record(change)));
    }
    producer.commitTransaction();
    if (!reader.await(last(acknowledgements) + 1, READ_BACK_MAX)) {
      throw new KafkaException("the catalogue was written, but could not be read back in time");
    }
  }

  /** Whether another writer came in between, or this one was idle for days: nothing is written. */
  private static boolean outrun(@Nullable Throwable failure) {
    return failure != null
        && (failure instanceof ProducerFencedException
            || failure instanceof InvalidProducerEpochException
            || failure instanceof InvalidPidMappingException
            || outrun(failure.getCause()));
  }

  private static long last(List<Future<RecordMetadata>> acknowledgements)
      throws InterruptedException {
    var last = -1L;
    try {
      for (var acknowledgement : acknowledgements) {
        last = Math.max(last, acknowledgement.get().offset());
      }
    } catch (ExecutionException e) {
      throw new KafkaException("the catalogue could not be written", e.getCause());
    }
    return last;
  }

  private void close(KafkaException why) {
    var failed = open;
    open = null;
    if (failed != null) {
      try {
        failed.close();
      } catch (KafkaException e) {
        why.addSuppressed(e);
      }
    }
  }

  private void checkVersions(List<Change> changes) {
    var entries = reader.snapshot().entries();
    for (var change : changes) {
      if (change instanceof Change.Put(var entry, var expectedVersion)) {
        var present = entries.get(change.key());
        if ((present == null ? 0 : present.getVersion()) != expectedVersion) {
          throw new ConflictException(change.key());
        }
        entry.setVersion(expectedVersion + 1);
      }
    }
  }

  private ProducerRecord<String, SpecificRecord> record(Change change) {
    var topic = clients.topics().catalog();
    return switch (change) {
      case Change.Put put -> new ProducerRecord<>(topic, put.key(), put.entry());
      case Change.Remove remove -> new ProducerRecord<>(topic, remove.key(), null);
    };
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (open != null) {
        open.close();
        open = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
