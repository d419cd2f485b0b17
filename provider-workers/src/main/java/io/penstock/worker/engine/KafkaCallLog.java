package io.penstock.worker.engine;

import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.PoolStatus;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log on one shared producer (acks=all, idempotent, no lingering). */
final class KafkaCallLog implements CallLog, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaCallLog.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final Producer<String, SpecificRecord> producer;
  private final Topics topics;
  private final ScheduledExecutorService timer;
  private volatile boolean closed;

  /**
   * Writes with a producer, which it closes in the end.
   *
   * @param timer runs what has to be tried again
   */
  KafkaCallLog(
      Producer<String, SpecificRecord> producer, Topics topics, ScheduledExecutorService timer) {
    this.producer = producer;
    this.topics = topics;
    this.timer = timer;
  }

  @Override
  public void succeeded(CallFinished finished, Runnable durable) {
    send(new ProducerRecord<>(topics.outcomes(), finished.getOrganization(), finished), durable);
  }

  @Override
  public void failed(CallFailed failed, Runnable durable) {
    send(new ProducerRecord<>(topics.retries(), failed.getOrganization(), failed), durable);
  }

  @Override
  public void dead(DeadLetter letter, Runnable durable) {
    send(new ProducerRecord<>(topics.deadLetters(), letter.getTopic(), letter), durable);
  }

  @Override
  public void reply(ReplyAddress address, ReplyFinished reply) {
    sendOnce(
        new ProducerRecord<>(
            topics.replies(), address.getPartition(), address.getInstance(), reply));
  }

  @Override
  public void piece(ReplyAddress address, ReplyChunk piece, Consumer<Boolean> written) {
    sendOnce(
        new ProducerRecord<>(
            topics.replies(), address.getPartition(), address.getInstance(), piece),
        written);
  }

  @Override
  public void status(PoolStatus status) {
    sendOnce(
        new ProducerRecord<>(
            topics.pools(), status.getPool() + "/" + status.getInstance(), status));
  }

  @Override
  public void gone(String pool, String instance) {
    sendOnce(new ProducerRecord<>(topics.pools(), pool + "/" + instance, null));
  }

  private void send(ProducerRecord<String, SpecificRecord> record, Runnable durable) {
    try {
      producer.send(
          record,
          (metadata, failure) -> {
            if (failure == null) {
              durable.run();
            } else {
              sendAgain(record, durable, failure);
            }
          });
    } catch (RuntimeException e) {
      // the registry, the metadata or the buffer failed: none of that is a reason to forget an
      // outcome
      sendAgain(record, durable, e);
    }
  }

  private void sendAgain(
      ProducerRecord<String, SpecificRecord> record, Runnable durable, Exception failure) {
    if (closed) {
      return;
    }
    LOG.atError()
        .addKeyValue(LogKeys.TOPIC, record.topic())
        .setCause(failure)
        .log("record not written, trying again");
    try {
      // A virtual thread, because sending may block and the timer serves every pool.
      timer.schedule(
          () -> Thread.startVirtualThread(() -> send(record, durable)),
          RETRY.toMillis(),
          TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // shutting down: the offset stays uncommitted, so the call is made again after the restart
    }
  }

  private void sendOnce(ProducerRecord<String, SpecificRecord> record) {
    sendOnce(record, _ -> {});
  }

  private void sendOnce(ProducerRecord<String, SpecificRecord> record, Consumer<Boolean> written) {
    try {
      producer.send(
          record,
          (metadata, failure) -> {
            if (failure != null && !closed) {
              notWritten(record, failure);
            }
            written.accept(failure == null);
          });
    } catch (RuntimeException e) {
      notWritten(record, e);
      written.accept(false);
    }
  }

  private static void notWritten(ProducerRecord<String, SpecificRecord> record, Exception failure) {
    LOG.atWarn()
        .addKeyValue(LogKeys.TOPIC, record.topic())
        .setCause(failure)
        .log("record not written");
  }

  @Override
  public void close() {
    closed = true;
    producer.close(CLOSE_WAIT);
  }
}
