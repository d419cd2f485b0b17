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
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/**
 * Writes changes of the catalogue, all of one call or none, and returns when the local reader has
 * seen them. A newer writer fences an older one. Thread-safe: one change at a time.
 */
public final class CatalogWriter implements AutoCloseable {

  private static final Duration READ_BACK_MAX = Duration.ofSeconds(10);

  private final KafkaClients clients;
  private final CatalogReader reader;
  private final KafkaProducer<String, SpecificRecord> producer;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean initialized;

  public CatalogWriter(KafkaClients clients, CatalogReader reader) {
    this.clients = clients;
    this.reader = reader;
    this.producer =
        clients.transactionalProducer(
            "catalog-writer", clients.topics().prefix() + "catalog-writer");
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
      reader.awaitCurrent(clients, READ_BACK_MAX);
      checkVersions(changes);
      if (!initialized) {
        producer.initTransactions();
        initialized = true;
      }
      producer.beginTransaction();
      var acknowledgements = new ArrayList<Future<RecordMetadata>>();
      for (var change : changes) {
        acknowledgements.add(producer.send(record(change)));
      }
      producer.commitTransaction();
      var last = -1L;
      for (var acknowledgement : acknowledgements) {
        last = Math.max(last, acknowledgement.get().offset());
      }
      if (!reader.await(last + 1, READ_BACK_MAX)) {
        throw new KafkaException("the catalogue was written, but could not be read back in time");
      }
    } catch (ExecutionException e) {
      throw new KafkaException("the catalogue could not be written", e.getCause());
    } catch (ConflictException e) {
      throw e;
    } catch (KafkaException e) {
      producer.abortTransaction();
      throw e;
    } finally {
      lock.unlock();
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
    producer.close(Duration.ofSeconds(5));
  }
}
