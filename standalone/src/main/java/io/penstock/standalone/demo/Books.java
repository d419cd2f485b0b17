package io.penstock.standalone.demo;

import io.penstock.billing.ledger.Ledger;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Side;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import io.penstock.schemas.avro.UsageSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What the public topics say, added up: {@code usage} and {@code ledger}, read as any downstream
 * consumer would. A thread of its own reads; totals may be asked for by anybody.
 */
final class Books implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(100);

  /** One row of the summary table. */
  static final class Row {
    long calls;
    long failed;
    long inputTokens;
    long outputTokens;
    long costNanoUsd;
  }

  /**
   * All that was read so far. Tokens and cost are those that providers reported; what we had to
   * estimate, because an answer broke off before its usage, is kept apart.
   *
   * @param bookable usage records whose money has to appear in the ledger, an entry for each
   */
  record Totals(
      long settled,
      long succeeded,
      long calls,
      long retries,
      long failovers,
      long inputTokens,
      long outputTokens,
      long chargeNanoUsd,
      long costNanoUsd,
      long estimatedCalls,
      long estimatedCostNanoUsd,
      long bookable,
      long entries,
      long debitsNanoUsd,
      long creditsNanoUsd) {}

  private final KafkaConsumer<String, SpecificRecord> consumer;
  private final Thread thread;
  private final Map<String, Row> rows = new TreeMap<>();
  private volatile boolean closed;
  private Totals totals = new Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private Books(KafkaConsumer<String, SpecificRecord> consumer) {
    this.consumer = consumer;
    this.thread = Thread.ofPlatform().name("books").daemon().unstarted(this::run);
  }

  /** Begins to read at the present end of both topics. */
  static Books open(KafkaClients clients) {
    var consumer =
        clients.consumer("books", IsolationLevel.READ_COMMITTED, SpecificRecord.class, Map.of());
    var topics = clients.topics();
    var partitions =
        List.of(topics.usage(), topics.ledger()).stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    var books = new Books(consumer);
    books.thread.start();
    return books;
  }

  private void run() {
    while (!closed) {
      consumer.poll(POLL).forEach(record -> add(record.value()));
    }
    consumer.close();
  }

  private synchronized void add(@Nullable SpecificRecord value) {
    switch (value) {
      case UsageRecorded usage -> addUsage(usage);
      case LedgerEntryPosted entry -> addEntry(entry);
      case null, default -> {}
    }
  }

  private void addUsage(UsageRecorded usage) {
    long input = 0;
    long output = 0;
    long cost = 0;
    long estimatedCalls = 0;
    long estimatedCost = 0;
    int failovers = 0;
    String before = null;
    for (var attempt : usage.getAttempts()) {
      var row =
          rows.computeIfAbsent(
              usage.getModel() + "\t" + attempt.getPool() + "\t" + attempt.getUpstreamModel(),
              ignored -> new Row());
      row.calls++;
      row.failed += attempt.getFailure() == null ? 0 : 1;
      if (estimated(attempt)) {
        estimatedCalls++;
        estimatedCost = Math.addExact(estimatedCost, attempt.getCostNanoUsd());
      } else {
        row.inputTokens += input(attempt);
        row.outputTokens += output(attempt);
        row.costNanoUsd += attempt.getCostNanoUsd();
        input += input(attempt);
        output += output(attempt);
        cost = Math.addExact(cost, attempt.getCostNanoUsd());
      }
      failovers += before != null && !before.equals(attempt.getPool()) ? 1 : 0;
      before = attempt.getPool();
    }
    var settlement = usage.getKind() == UsageKind.SETTLEMENT;
    var calls = usage.getAttempts().size();
    totals =
        new Totals(
            totals.settled + (settlement ? 1 : 0),
            totals.succeeded + (usage.getSucceeded() ? 1 : 0),
            totals.calls + calls,
            totals.retries + (settlement ? Math.max(0, calls - 1) : calls),
            totals.failovers + failovers,
            totals.inputTokens + input,
            totals.outputTokens + output,
            Math.addExact(totals.chargeNanoUsd, usage.getChargeNanoUsd()),
            Math.addExact(totals.costNanoUsd, cost),
            totals.estimatedCalls + estimatedCalls,
            Math.addExact(totals.estimatedCostNanoUsd, estimatedCost),
            totals.bookable + (Ledger.book(usage).isEmpty() ? 0 : 1),
            totals.entries,
            totals.debitsNanoUsd,
            totals.creditsNanoUsd);
  }

  private static boolean estimated(Attempt attempt) {
    var usage = attempt.getUsage();
    return usage != null && usage.getSource() == UsageSource.ESTIMATED;
  }

  private void addEntry(LedgerEntryPosted entry) {
    long debits = 0;
    long credits = 0;
    for (var posting : entry.getPostings()) {
      if (posting.getSide() == Side.DEBIT) {
        debits = Math.addExact(debits, posting.getAmountNanoUsd());
      } else {
        credits = Math.addExact(credits, posting.getAmountNanoUsd());
      }
    }
    totals =
        new Totals(
            totals.settled,
            totals.succeeded,
            totals.calls,
            totals.retries,
            totals.failovers,
            totals.inputTokens,
            totals.outputTokens,
            totals.chargeNanoUsd,
            totals.costNanoUsd,
            totals.estimatedCalls,
            totals.estimatedCostNanoUsd,
            totals.bookable,
            totals.entries + 1,
            Math.addExact(totals.debitsNanoUsd, debits),
            Math.addExact(totals.creditsNanoUsd, credits));
  }

  private static long input(Attempt attempt) {
    var usage = attempt.getUsage();
    return usage == null ? 0 : TokenClass.input(usage);
  }

  private static long output(Attempt attempt) {
    var usage = attempt.getUsage();
    return usage == null ? 0 : TokenClass.output(usage);
  }

  synchronized Totals totals() {
    return totals;
  }

  /** Rows by "model TAB pool TAB upstream model", sorted. */
  synchronized Map<String, Row> rows() {
    return new TreeMap<>(rows);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
