package io.penstock.billing;

import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.billing.report.Corrections;
import io.penstock.billing.stream.PublicHeaders;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Writes corrections to {@code usage}. They are rare, so a producer is made for each. Thread-safe.
 */
final class CorrectionSender implements Corrections {

  private static final Duration SEND_MAX = Duration.ofSeconds(10);

  private final KafkaClients clients;

  CorrectionSender(KafkaClients clients) {
    this.clients = clients;
  }

  @Override
  public void send(UsageRecorded correction) throws UnavailableException {
    try (var producer = clients.producer("billing-corrections")) {
      producer
          .send(
              new ProducerRecord<>(
                  clients.topics().usage(),
                  null,
                  correction.getOrganization(),
                  correction,
                  PublicHeaders.of(correction)))
          .get(SEND_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted");
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new UnavailableException("the correction could not be written");
    }
  }
}
