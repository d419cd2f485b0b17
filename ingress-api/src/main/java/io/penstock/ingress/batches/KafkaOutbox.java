package io.penstock.ingress.batches;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * An outbox with a producer of its own, so that a full one never holds up callers who wait.
 * Thread-safe.
 */
final class KafkaOutbox implements Outbox, AutoCloseable {

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final Producer<String, SpecificRecord> producer;
  private final String batches;
  private final String requests;

  KafkaOutbox(KafkaClients kafka) {
    this.producer = kafka.producer("ingress-batches");
    this.batches = kafka.topics().batches();
    this.requests = kafka.topics().requests(Lane.BATCH);
  }

  @Override
  public void batch(String batch, SpecificRecord event, Acknowledgement acknowledgement) {
    send(new ProducerRecord<>(batches, batch, event), acknowledgement);
  }

  @Override
  public void request(
      String organization, SpecificRecord request, Acknowledgement acknowledgement) {
    send(new ProducerRecord<>(requests, organization, request), acknowledgement);
  }

  private void send(
      ProducerRecord<String, SpecificRecord> record, Acknowledgement acknowledgement) {
    try {
      producer.send(record, (_, failure) -> acknowledgement.done(failure));
    } catch (KafkaException e) {
      acknowledgement.done(e);
    }
  }

  @Override
  public void close() {
    producer.close(CLOSE_WAIT);
  }
}
