package io.penstock.billing.verify;

import io.penstock.billing.ledger.LedgerAudit;
import io.penstock.billing.ledger.LedgerAudit.Age;
import io.penstock.billing.ledger.LedgerAudit.Findings;
import io.penstock.billing.stream.Mishaps;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.UsageRecorded;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Rebuilds all balances from {@code usage} and {@code ledger} with plain consumers and compares
 * them with what is published. It may run while requests are served: what was there when it began
 * has to be right, what came since may still be on its way. Used once, by one thread.
 */
public final class LedgerVerification {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration BOOKING_MAX = Duration.ofSeconds(30);
  private static final Duration PUBLISHING = Duration.ofSeconds(3);
  private static final String GROUP = "billing";
  private static final String TOPIC = "topic balances";
  private static final String API = "API";

  /** Asks billing's API for the balances of an organisation. */
  public interface ApiBalances {
    List<BalanceChanged> of(String organization) throws IOException, InterruptedException;
  }

  private final KafkaClients clients;
  private final ApiBalances api;

  public LedgerVerification(KafkaClients clients, ApiBalances api) {
    this.clients = clients;
    this.api = api;
  }

  /**
   * Reads everything and compares.
   *
   * @throws IllegalStateException when billing does not come to the present end of usage
   */
  public Findings run() throws IOException, InterruptedException {
    var topics = clients.topics();
    try (var usage = reader("verify-usage", UsageRecorded.class, topics.usage());
        var ledger = reader("verify-ledger", LedgerEntryPosted.class, topics.ledger());
        var balances = reader("verify-balances", BalanceChanged.class, topics.balances())) {
      var audit = new LedgerAudit(usage.isComplete());
      laidAside(audit);
      var last = new HashMap<TopicPartition, Long>();
      usage.to(
          usage.ends(),
          record -> {
            audit.usage(record.value(), Age.SETTLED);
            last.put(new TopicPartition(record.topic(), record.partition()), record.offset());
          });
      awaitBooked(last);
      var settled = ledger.ends();
      Thread.sleep(PUBLISHING);
      var organizations = new TreeSet<String>();
      balances.to(
          balances.ends(),
          record -> {
            // null is a tombstone: somebody has removed the account from the topic
            if (record.value() != null) {
              audit.published(TOPIC, record.value());
              organizations.add(record.value().getOrganization());
            }
          });
      for (var organization : organizations) {
        api.of(organization).forEach(balance -> audit.published(API, balance));
      }
      // the API may be ahead of the topics by a transaction that is not committed yet
      Thread.sleep(PUBLISHING);
      var ends = ledger.ends();
      usage.to(usage.ends(), record -> audit.usage(record.value(), Age.RECENT));
      ledger.to(
          ends,
          record -> {
            var partition = new TopicPartition(record.topic(), record.partition());
            var age =
                record.offset() < settled.getOrDefault(partition, 0L) ? Age.SETTLED : Age.RECENT;
            audit.entry(record.partition(), record.value(), age);
          });
      return audit.findings();
    }
  }

  /** What billing has told that it has not booked. */
  private void laidAside(LedgerAudit audit) {
    try (var told = reader("verify-audit", AuditRecorded.class, clients.topics().audit())) {
      told.to(
          told.ends(),
          record -> {
            if (record.value().getAction().equals(Mishaps.QUARANTINED)) {
              audit.quarantined(record.value().getOrganization(), record.value().getSubject());
            }
          });
    }
  }

  /** Until billing has committed beyond each of these records. */
  private void awaitBooked(Map<TopicPartition, Long> last) throws InterruptedException {
    var deadline = System.nanoTime() + BOOKING_MAX.toNanos();
    var group = clients.topics().prefix() + GROUP;
    try (var admin = clients.admin()) {
      while (true) {
        var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        var behind =
            last.entrySet().stream()
                .filter(
                    entry -> {
                      var offset = committed.get(entry.getKey());
                      return offset == null || offset.offset() <= entry.getValue();
                    })
                .count();
        if (behind == 0) {
          return;
        }
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "billing has not booked all usage within "
                  + BOOKING_MAX.toSeconds()
                  + " s: does it run, and is it ready?");
        }
        Thread.sleep(POLL);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the broker does not tell how far billing is", e);
    }
  }

  private <T extends SpecificRecord> Reader<T> reader(String client, Class<T> type, String topic) {
    var consumer = clients.consumer(client, IsolationLevel.READ_COMMITTED, type, Map.of());
    var partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return new Reader<>(consumer, partitions);
  }

  /** All partitions of a topic, from the beginning, to one end after another. */
  private record Reader<T>(KafkaConsumer<String, T> consumer, List<TopicPartition> partitions)
      implements AutoCloseable {

    Map<TopicPartition, Long> ends() {
      return consumer.endOffsets(partitions);
    }

    boolean isComplete() {
      return consumer.beginningOffsets(partitions).values().stream()
          .allMatch(offset -> offset == 0);
    }

    /** Hands on what comes, and stops when all before these ends has come. */
    void to(Map<TopicPartition, Long> ends, Consumer<ConsumerRecord<String, T>> sink) {
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(POLL).forEach(sink);
      }
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
