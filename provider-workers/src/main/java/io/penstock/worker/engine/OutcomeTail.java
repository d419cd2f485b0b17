package io.penstock.worker.engine;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the end of {@code outcomes} and {@code retries}. After a crash many pools ask about the
 * same minute, so what was read is kept for a while and only continued. Thread-safe: one at a time.
 */
final class OutcomeTail implements FinishedCalls, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OutcomeTail.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration READ_MAX = Duration.ofSeconds(15);
  private static final Duration KEPT = Duration.ofSeconds(30);
  // a worker that finished more between two commits had no commit for minutes
  private static final int CALLS_MAX = 1_000_000;

  private record PoolLane(String pool, Lane lane) {}

  private final KafkaClients clients;
  private final Map<PoolLane, Set<CallKey>> calls = new HashMap<>();
  private @Nullable KafkaConsumer<String, SpecificRecord> consumer;
  private Instant readFrom = Instant.MAX;
  private long usedAt;
  private int count;

  OutcomeTail(KafkaClients clients) {
    this.clients = clients;
  }

  @Override
  public synchronized Set<CallKey> since(String pool, Lane lane, Instant from) {
    usedAt = System.nanoTime();
    try {
      read(from);
      return Set.copyOf(calls.getOrDefault(new PoolLane(pool, lane), Set.of()));
    } catch (KafkaException e) {
      forget();
      LOG.atWarn()
          .addKeyValue(LogKeys.POOL, pool)
          .setCause(e)
          .log("outcomes since the last commit cannot be read, some calls may be made again");
      return Set.of();
    }
  }

  /** Forgets what nobody asked for lately; to be called now and then. */
  synchronized void forgetUnused() {
    if (consumer != null && System.nanoTime() - usedAt > KEPT.toNanos()) {
      forget();
    }
  }

  private void forget() {
    if (consumer != null) {
      consumer.close();
    }
    consumer = null;
    calls.clear();
    count = 0;
    readFrom = Instant.MAX;
  }

  private void read(Instant from) {
    if (consumer == null || from.isBefore(readFrom)) {
      forget();
      consumer = open(from);
      readFrom = from;
    }
    readToEnd(consumer);
  }

  private KafkaConsumer<String, SpecificRecord> open(Instant from) {
    var opened =
        clients.consumer(
            "worker-outcome-tail",
            IsolationLevel.READ_UNCOMMITTED,
            SpecificRecord.class,
            Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000));
    var partitions = new ArrayList<TopicPartition>();
    for (var topic : List.of(clients.topics().outcomes(), clients.topics().retries())) {
      opened
          .partitionsFor(topic)
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    opened.assign(partitions);
    var times = new HashMap<TopicPartition, Long>();
    partitions.forEach(partition -> times.put(partition, from.toEpochMilli()));
    var ends = opened.endOffsets(partitions);
    opened
        .offsetsForTimes(times)
        .forEach(
            (partition, found) ->
                opened.seek(
                    partition, found == null ? ends.getOrDefault(partition, 0L) : found.offset()));
    return opened;
  }

  private void readToEnd(KafkaConsumer<String, SpecificRecord> opened) {
    var ends = opened.endOffsets(opened.assignment());
    var until = System.nanoTime() + READ_MAX.toNanos();
    while (ends.entrySet().stream()
        .anyMatch(end -> opened.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() - until > 0 || count > CALLS_MAX) {
        LOG.atWarn()
            .addKeyValue(LogKeys.COUNT, count)
            .log("too many outcomes since the last commit, some calls may be made again");
        return;
      }
      try {
        opened.poll(POLL).forEach(record -> note(record.value()));
      } catch (RecordDeserializationException e) {
        opened.seek(e.topicPartition(), e.offset() + 1);
      }
    }
  }

  private void note(@Nullable SpecificRecord record) {
    switch (record) {
      case CallFinished finished ->
          note(finished.getPool(), finished.getLane(), CallKey.of(finished));
      case CallFailed failed ->
          note(failed.getCall().getPool(), failed.getCall().getLane(), CallKey.of(failed));
      case null, default -> {
        // nothing of ours
      }
    }
  }

  private void note(String pool, Lane lane, CallKey call) {
    if (calls.computeIfAbsent(new PoolLane(pool, lane), _ -> new HashSet<>()).add(call)) {
      count++;
    }
  }

  @Override
  public synchronized void close() {
    forget();
  }
}
