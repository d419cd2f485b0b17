package io.penstock.worker.engine;

import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.Lane;
import io.penstock.worker.engine.CallSource.Incoming;
import io.penstock.worker.engine.CallSource.Position;
import io.penstock.worker.engine.CompletedOffsets.Delivery;
import io.penstock.worker.engine.PartitionProgress.Snapshot;
import io.penstock.worker.limit.Share;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls one lane of one pool and never waits for a call: takes records, hands calls over, keeps
 * track of what is finished, commits. One thread runs {@link #step} over and over; calls end in
 * threads of their own.
 */
final class LaneLoop implements CallSource.Ownership {

  private static final Logger LOG = LoggerFactory.getLogger(LaneLoop.class);
  private static final Duration IDLE_WAIT = Duration.ofMillis(200);
  // a full lane is looked at again after this; what it holds meanwhile lasts longer
  private static final Duration FULL_WAIT = Duration.ofMillis(10);
  private static final Duration RETRY_WAIT = Duration.ofSeconds(1);
  // until the outcomes of what was broken off are in the log
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);
  private static final Duration CLOCK_MARGIN = Duration.ofSeconds(5);
  private static final Duration WITHOUT_METADATA = Duration.ofSeconds(60);

  private final String pool;
  private final Lane lane;
  private final CallSource source;
  private final RecordReader reader;
  private final Dispatcher dispatcher;
  private final CallLog log;
  private final FinishedCalls finishedCalls;
  private final LaneLoad load;
  private final EngineSettings settings;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Consumer<Share> onShare;
  private final Predicate<String> cancelled;
  private final Runnable handOver;
  private final Map<TopicPartition, PartitionProgress> partitions = new HashMap<>();
  private final Map<TopicPartition, List<Call>> withdrawn = new HashMap<>();
  private long committedAtNanos;
  private boolean commitRunning;
  private boolean draining;

  /**
   * A loop that has yet to run.
   *
   * @param onShare told which share of the partitions is ours
   * @param cancelled whether a request was taken back
   * @param handOver breaks off what cannot wait for its end when the process stops
   */
  LaneLoop(
      String pool,
      Lane lane,
      CallSource source,
      RecordReader reader,
      Dispatcher dispatcher,
      CallLog log,
      FinishedCalls finishedCalls,
      LaneLoad load,
      EngineSettings settings,
      InstantSource clock,
      LongSupplier nanos,
      Consumer<Share> onShare,
      Predicate<String> cancelled,
      Runnable handOver) {
    this.pool = pool;
    this.lane = lane;
    this.source = source;
    this.reader = reader;
    this.dispatcher = dispatcher;
    this.log = log;
    this.finishedCalls = finishedCalls;
    this.load = load;
    this.settings = settings;
    this.clock = clock;
    this.nanos = nanos;
    this.onShare = onShare;
    this.cancelled = cancelled;
    this.handOver = handOver;
    this.committedAtNanos = nanos.getAsLong();
  }

  /** Works until told to stop, then lets running calls end and leaves the group. */
  void run(BooleanSupplier stopping) {
    source.subscribe(this);
    while (!stopping.getAsBoolean()) {
      if (!stepped()) {
        break;
      }
    }
    draining = true;
    drain(settings.drain());
    if (!idle()) {
      handOver.run();
      drain(LAST_WORDS);
    }
    end();
  }

  private void drain(Duration wait) {
    var until = nanos.getAsLong() + wait.toNanos();
    while (!idle() && until - nanos.getAsLong() > 0 && stepped()) {
      // the step does the work
    }
  }

  private boolean stepped() {
    try {
      step();
      return true;
    } catch (FencedInstanceIdException e) {
      LOG.atError()
          .addKeyValue(LogKeys.POOL, pool)
          .setCause(e)
          .log("another process runs under this node's name, this one stops taking calls");
      return false;
    } catch (KafkaException e) {
      LOG.atError()
          .addKeyValue(LogKeys.POOL, pool)
          .setCause(e)
          .log("calls cannot be taken, trying again");
      LockSupport.parkNanos(RETRY_WAIT.toNanos());
      return true;
    }
  }

  /** Takes what there is and commits what is due; waits a moment when there is nothing. */
  void step() {
    var full = draining || load.full(dispatcher.aside(lane));
    source.setPaused(full ? Set.copyOf(partitions.keySet()) : fullPartitions());
    accept(source.poll(full ? FULL_WAIT : IDLE_WAIT));
    commitWhenDue();
  }

  /** Whether no call of this lane runs and no outcome is on its way. */
  private boolean idle() {
    for (var progress : partitions.values()) {
      if (!progress.idle()) {
        return false;
      }
    }
    return true;
  }

  /** Commits the last time and leaves the group. */
  private void end() {
    commitNow(held());
    source.close();
  }

  /** Partitions that are ours beyond doubt: not those that a rebalance under way may take. */
  private List<PartitionProgress> held() {
    return partitions.values().stream().filter(progress -> !progress.suspended()).toList();
  }

  private Set<TopicPartition> fullPartitions() {
    var full = new HashSet<TopicPartition>();
    partitions.forEach(
        (partition, progress) -> {
          if (progress.full(settings.windowOffsetsMax())) {
            full.add(partition);
          }
        });
    return full;
  }

  private void accept(List<Incoming> records) {
    if (records.isEmpty()) {
      return;
    }
    var calls = new ArrayList<Call>(records.size());
    for (var record : records) {
      var progress = partitions.get(record.partition());
      if (progress != null && progress.deliver(record.offset()) == Delivery.NEW) {
        var call = read(record, progress);
        if (call != null) {
          load.take(call.bytes());
          calls.add(call);
        }
      }
    }
    if (!draining) {
      dispatcher.offer(lane, calls);
      // after they wait there, so that no cancel falls in between
      for (var call : calls) {
        if (cancelled.test(call.assigned().getRequestId())) {
          dispatcher.cancel(call.assigned().getRequestId());
        }
      }
    }
  }

  private @Nullable Call read(Incoming record, PartitionProgress progress) {
    return switch (reader.read(record.partition().topic(), record.value())) {
      case RecordReader.Read.Decoded(var assigned) -> {
        if (progress.finishedBefore(CallKey.of(assigned))) {
          progress.finish(record.offset());
          yield null;
        }
        var bytes = record.value() == null ? 0 : record.value().length;
        yield new Call(assigned, progress, record.offset(), load, bytes, record.traceparent());
      }
      case RecordReader.Read.Poison(var message) -> {
        bury(record, message, progress);
        yield null;
      }
    };
  }

  private void bury(Incoming record, String message, PartitionProgress progress) {
    LOG.atError()
        .addKeyValue(LogKeys.TOPIC, record.partition().topic())
        .addKeyValue(LogKeys.PARTITION, record.partition().partition())
        .log("record cannot be read, goes to the dead letters");
    var letter =
        new DeadLetter(
            record.partition().topic(),
            record.partition().partition(),
            record.offset(),
            ErrorCode.INTERNAL_ERROR.wire(),
            message,
            record.key() == null ? null : ByteBuffer.wrap(record.key()),
            record.value() == null ? null : ByteBuffer.wrap(record.value()),
            clock.instant());
    log.dead(letter, () -> progress.finish(record.offset()));
  }

  @Override
  public void assigned(Set<TopicPartition> arrived) {
    forgetThoseNotIn(arrived);
    var fresh = new HashSet<TopicPartition>();
    for (var partition : arrived) {
      var progress = partitions.get(partition);
      if (progress == null) {
        fresh.add(partition);
      } else {
        // It came back within the same rebalance, so nobody else had it: running calls go on, and
        // what
        // the consumer now delivers again is known.
        progress.resume();
        dispatcher.offer(lane, withdrawn.getOrDefault(partition, List.of()));
      }
    }
    withdrawn.clear();
    if (!fresh.isEmpty()) {
      open(fresh);
    }
    onShare.accept(new Share(partitions.size(), source.partitionCount()));
  }

  private void forgetThoseNotIn(Set<TopicPartition> arrived) {
    for (var progress : List.copyOf(partitions.values())) {
      if (progress.suspended() && !arrived.contains(progress.partition())) {
        forget(progress);
      }
    }
  }

  private void forget(PartitionProgress progress) {
    progress.abandon();
    partitions.remove(progress.partition());
    var waiting = withdrawn.remove(progress.partition());
    if (waiting != null) {
      waiting.forEach(Call::drop);
    }
  }

  /** Finds out what earlier owners finished, before any record of these partitions is taken. */
  private void open(Set<TopicPartition> fresh) {
    var committed = source.committed(fresh);
    var now = clock.instant();
    var from = now;
    var bitmaps = new HashMap<TopicPartition, OffsetMetadata>();
    for (var partition : fresh) {
      var position = committed.get(partition);
      var metadata = position == null ? null : OffsetMetadata.decode(position.metadata());
      if (metadata != null) {
        bitmaps.put(partition, metadata);
      }
      var since =
          metadata == null
              ? now.minus(WITHOUT_METADATA)
              : metadata.committedAt().minus(CLOCK_MARGIN);
      from = since.isBefore(from) ? since : from;
    }
    var finished = finishedCalls.since(pool, lane, from);
    // what is not in the topic yet, no earlier owner can have taken
    var ends = source.ends(fresh);
    for (var partition : fresh) {
      var position = committed.get(partition);
      var base = position == null ? Math.max(0, source.position(partition)) : position.offset();
      var metadata = bitmaps.get(partition);
      var offsets =
          metadata == null
              ? new CompletedOffsets(base)
              : new CompletedOffsets(base, metadata.finished());
      partitions.put(
          partition,
          new PartitionProgress(
              partition, offsets, finished, ends.getOrDefault(partition, Long.MAX_VALUE)));
    }
    LOG.atInfo()
        .addKeyValue(LogKeys.POOL, pool)
        .addKeyValue(LogKeys.TOPIC, fresh.iterator().next().topic())
        .addKeyValue(LogKeys.COUNT, fresh.size())
        .addKeyValue("finishedCalls", finished.size())
        .log("partitions taken over");
  }

  @Override
  public void revoked(Set<TopicPartition> leaving) {
    var progresses = suspend(leaving);
    if (!draining) {
      awaitIdle(progresses);
    }
    commitNow(progresses);
    onShare.accept(Share.NONE);
  }

  @Override
  public void lost(Set<TopicPartition> gone) {
    suspend(gone).forEach(this::forget);
    onShare.accept(Share.NONE);
  }

  private Set<PartitionProgress> suspend(Set<TopicPartition> leaving) {
    var progresses = new HashSet<PartitionProgress>();
    for (var partition : leaving) {
      var progress = partitions.get(partition);
      if (progress != null) {
        progress.suspend();
        progresses.add(progress);
      }
    }
    for (var call : dispatcher.withdraw(lane, progresses)) {
      withdrawn.computeIfAbsent(call.progress().partition(), _ -> new ArrayList<>()).add(call);
    }
    return progresses;
  }

  /** Calls that end now are not made again by the next owner. */
  private void awaitIdle(Set<PartitionProgress> progresses) {
    var until = nanos.getAsLong() + settings.handOver().toNanos();
    try {
      for (var progress : progresses) {
        progress.awaitIdle(Duration.ofNanos(Math.max(0, until - nanos.getAsLong())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void commitWhenDue() {
    if (commitRunning
        || nanos.getAsLong() - committedAtNanos < settings.commitInterval().toNanos()) {
      return;
    }
    committedAtNanos = nanos.getAsLong();
    var snapshots = snapshots(held());
    if (snapshots.isEmpty()) {
      return;
    }
    commitRunning = true;
    source.commitLater(
        positions(snapshots),
        committed -> {
          commitRunning = false;
          if (committed) {
            snapshots.forEach(PartitionProgress::committed);
          }
        });
  }

  private void commitNow(Iterable<PartitionProgress> progresses) {
    var snapshots = snapshots(progresses);
    if (source.commitNow(positions(snapshots))) {
      snapshots.forEach(PartitionProgress::committed);
    }
  }

  private Map<PartitionProgress, Snapshot> snapshots(Iterable<PartitionProgress> progresses) {
    var now = clock.instant();
    var snapshots = new HashMap<PartitionProgress, Snapshot>();
    for (var progress : progresses) {
      progress.passTo(source.position(progress.partition()));
      var snapshot =
          progress.snapshot(now, settings.commitRefresh(), settings.metadataCharactersMax());
      if (snapshot != null) {
        snapshots.put(progress, snapshot);
      }
    }
    return snapshots;
  }

  private static Map<TopicPartition, Position> positions(
      Map<PartitionProgress, Snapshot> snapshots) {
    var positions = new HashMap<TopicPartition, Position>();
    snapshots.forEach(
        (progress, snapshot) -> positions.put(progress.partition(), snapshot.position()));
    return positions;
  }
}
