package io.penstock.billing;

import io.penstock.billing.stream.BookingStopped;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.AuditRecorded;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells {@code audit} that billing has stopped. Apart from the transaction that failed, which takes
 * everything back that was written in it.
 */
final class AuditAlert {

  private static final Logger LOG = LoggerFactory.getLogger(AuditAlert.class);
  private static final Duration SEND_MAX = Duration.ofSeconds(10);
  private static final String ACTION = "ledger.invariant-broken";
  private static final String SYSTEM = "system";

  private AuditAlert() {}

  static AuditRecorded of(BookingStopped stopped, Instant at) {
    return AuditRecorded.newBuilder()
        .setOrganization(stopped.organization())
        .setActor(SYSTEM)
        .setAction(ACTION)
        .setSubject(stopped.usageId())
        .setErrorCode(ErrorCode.INTERNAL_ERROR.wire())
        .setDetails(
            Map.of(
                "message", String.valueOf(stopped.getMessage()),
                "partition", Integer.toString(stopped.partition()),
                "offset", Long.toString(stopped.offset()),
                "remedy", stopped.remedy()))
        .setAt(at)
        .build();
  }

  /** Sends it; that it cannot be sent is logged, because nothing else could be done about it. */
  static void send(KafkaClients clients, AuditRecorded alert) {
    try (var producer = clients.producer("billing-alert")) {
      producer
          .send(new ProducerRecord<>(clients.topics().audit(), alert.getOrganization(), alert))
          .get(SEND_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue(LogKeys.ORGANIZATION, alert.getOrganization())
          .log("the alert of a broken ledger could not be sent");
    }
  }
}
