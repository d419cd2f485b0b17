package io.penstock.billing.alert;

import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.WebhookDue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** The topology of alerts: {@code audit → deliver → audit}. */
final class AlertTopology {

  static final String AUDIT = "audit";
  static final String DELIVER = "deliver";
  static final String TOLD = "told";

  /** Deliveries that are not done, by their ids. */
  static final String DELIVERIES = "deliveries";

  private AlertTopology() {}

  static Topology of(
      Topics topics,
      RecordSerdes serdes,
      Supplier<Catalog> catalog,
      Sender sender,
      RandomGenerator random) {
    Set<String> gone = ConcurrentHashMap.newKeySet();
    var topology = new Topology();
    topology.addSource(
        AUDIT,
        Serdes.String().deserializer(),
        serdes.deserializer(AuditRecorded.class),
        topics.audit());
    topology.addProcessor(DELIVER, () -> new AlertProcessor(catalog, sender, gone, random), AUDIT);
    // small, and restored from its topic; every process has a database for its books already
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(DELIVERIES), Serdes.String(), deliveries()),
        DELIVER);
    topology.addSink(
        TOLD,
        topics.audit(),
        Serdes.String().serializer(),
        serdes.<AuditRecorded>serializer(),
        DELIVER);
    return topology;
  }

  /** Avro's single-object encoding: no registry is asked for a store. */
  static Serde<WebhookDue> deliveries() {
    return Serdes.serdeFrom(
        (topic, due) -> {
          if (due == null) {
            return null;
          }
          try {
            var buffer = WebhookDue.getEncoder().encode(due);
            var bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
          } catch (IOException e) {
            throw new UncheckedIOException("a delivery cannot be written", e);
          }
        },
        (topic, bytes) -> {
          try {
            return bytes == null ? null : WebhookDue.getDecoder().decode(bytes);
          } catch (IOException e) {
            throw new UncheckedIOException("a delivery cannot be read", e);
          }
        });
  }
}
