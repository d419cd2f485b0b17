package io.penstock.ingress.http;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads this instance's partition of {@code replies} from its present end on, in one thread of its
 * own, and wakes the callers who wait. Uncommitted records are read too: a caller must not wait for
 * the router's transaction.
 */
final class Replies implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Replies.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(100);

  private final KafkaConsumer<String, SpecificRecord> consumer;
  private final TopicPartition partition;
  private final String instance;
  private final Waiters waiters;
  private final Thread thread;
  private volatile boolean closed;

  private Replies(
      KafkaConsumer<String, SpecificRecord> consumer,
      TopicPartition partition,
      String instance,
      Waiters waiters) {
    this.consumer = consumer;
    this.partition = partition;
    this.instance = instance;
    this.waiters = waiters;
    this.thread = Thread.ofPlatform().name("replies").daemon().unstarted(this::run);
  }

  /**
   * Starts reading; on return every reply to a request that is sent from now on will be seen.
   *
   * @param node chooses the partition, so that a restart keeps to it
   * @param instance unique to this start: replies to an earlier one are skipped
   */
  static Replies start(KafkaClients clients, String node, String instance, Waiters waiters) {
    var consumer =
        clients.consumer(
            "ingress-replies",
            IsolationLevel.READ_UNCOMMITTED,
            SpecificRecord.class,
            Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2000));
    var topic = clients.topics().replies();
    var partition =
        new TopicPartition(
            topic, Math.floorMod(node.hashCode(), consumer.partitionsFor(topic).size()));
    consumer.assign(List.of(partition));
    consumer.seekToEnd(List.of(partition));
    // seeking is lazy: without this the end would be looked up only after the first request was
    // sent
    consumer.position(partition);
    var replies = new Replies(consumer, partition, instance, waiters);
    replies.thread.start();
    return replies;
  }

  /** Where a reply has to be sent. */
  ReplyAddress address() {
    return new ReplyAddress(instance, partition.partition());
  }

  /** Whether replies are being read. */
  boolean running() {
    return thread.isAlive() && !closed;
  }

  private void run() {
    while (!closed) {
      try {
        for (var record : consumer.poll(POLL)) {
          hand(record.value());
        }
      } catch (WakeupException e) {
        // close() or a spurious wake-up: the loop condition decides
      } catch (RecordDeserializationException e) {
        LOG.atError()
            .setCause(e)
            .addKeyValue(LogKeys.PARTITION, partition)
            .log("unreadable reply skipped");
        consumer.seek(partition, e.offset() + 1);
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("replies cannot be read, trying again");
        pause();
      }
    }
  }

  private void hand(SpecificRecord record) {
    switch (record) {
      case ReplyChunk piece when instance.equals(piece.getInstance()) -> waiters.piece(piece);
      case ReplyFinished reply when instance.equals(reply.getInstance()) -> waiters.answer(reply);
      case null, default -> {} // for an earlier start of this node, or of a later version
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_AFTER_FAILURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
