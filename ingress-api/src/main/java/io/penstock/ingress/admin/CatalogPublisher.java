package io.penstock.ingress.admin;

import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.http.ApiException;
import io.penstock.platform.Platform;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.kafka.TopicAdmin;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.TopicSpec;
import io.penstock.schemas.avro.AuditRecorded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes changes of the catalogue, and writes down who did. Thread-safe: one change at a time.
 */
final class CatalogPublisher {

  private static final Logger LOG = LoggerFactory.getLogger(CatalogPublisher.class);

  private final Platform platform;
  private final CatalogWriter writer;
  private final Producer<String, SpecificRecord> producer;
  private final ReentrantLock lock = new ReentrantLock();

  CatalogPublisher(
      Platform platform, CatalogWriter writer, Producer<String, SpecificRecord> producer) {
    this.platform = platform;
    this.writer = writer;
    this.producer = producer;
  }

  Catalog present() {
    return platform.catalog().snapshot();
  }

  /**
   * Publishes; on return every reader of this process sees it.
   *
   * @param pools whose topics have to exist before the catalogue names them
   * @throws ApiException {@code conflict} when somebody else changed the same things in the
   *     meantime
   */
  void publish(List<Change> changes, List<String> pools) throws InterruptedException {
    if (changes.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      ensureTopics(pools);
      writer.write(changes);
    } catch (CatalogWriter.ConflictException e) {
      throw new ApiException(ErrorCode.CONFLICT, String.valueOf(e.getMessage()));
    } catch (KafkaException e) {
      LOG.atError().setCause(e).log("the catalogue could not be written");
      throw new ApiException(ErrorCode.NOT_READY, "The catalogue could not be written; ask again.");
    } finally {
      lock.unlock();
    }
  }

  /** Writes down who changed what. */
  void audit(
      Caller caller,
      String organization,
      String action,
      String subject,
      Map<String, String> details,
      Instant at) {
    var record =
        new AuditRecorded(organization, caller.keyId(), action, subject, null, details, at);
    producer.send(
        new ProducerRecord<>(platform.kafka().topics().audit(), organization, record),
        (metadata, failure) -> {
          if (failure != null) {
            LOG.atError()
                .setCause(failure)
                .addKeyValue(LogKeys.ORGANIZATION, organization)
                .log("audit record lost");
          }
        });
  }

  private void ensureTopics(List<String> pools) {
    var topics = new ArrayList<TopicSpec>();
    for (var pool : pools) {
      if (present().pool(pool) == null) {
        topics.addAll(platform.kafka().topics().ofPool(pool));
      }
    }
    if (!topics.isEmpty()) {
      try (var admin = platform.kafka().admin()) {
        TopicAdmin.ensure(admin, platform.kafka().settings(), topics);
      }
    }
  }
}
