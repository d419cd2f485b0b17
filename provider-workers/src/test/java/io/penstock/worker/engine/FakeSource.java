package io.penstock.worker.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A member of the group of a {@link FakeTopic}: partitions come and go eagerly, as Kafka's range
 * assignor has it.
 */
final class FakeSource implements CallSource {

  private final FakeTopic topic;
  private final int pollMax;
  private final Duration idle;
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final AtomicReference<@Nullable Set<TopicPartition>> pending = new AtomicReference<>();
  private final List<Runnable> answers = new ArrayList<>();
  private Set<TopicPartition> paused = Set.of();
  private @Nullable Ownership ownership;

  FakeSource(FakeTopic topic, int pollMax, Duration idle) {
    this.topic = topic;
    this.pollMax = pollMax;
    this.idle = idle;
  }

  /** At the next poll, all partitions go and these come. */
  void assign(Set<TopicPartition> partitions) {
    pending.set(partitions);
  }

  /** All partitions go now; what comes instead is told by the next poll. */
  void revokeNow() {
    java.util.Objects.requireNonNull(ownership).revoked(Set.copyOf(positions.keySet()));
    positions.clear();
  }

  @Override
  public void subscribe(Ownership newOwnership) {
    ownership = newOwnership;
  }

  @Override
  public List<Incoming> poll(Duration wait) {
    answers.forEach(Runnable::run);
    answers.clear();
    var assignment = pending.getAndSet(null);
    if (assignment != null) {
      if (!positions.isEmpty()) {
        revokeNow();
      }
      for (var partition : assignment) {
        var committed = topic.committed.get(partition);
        positions.put(partition, committed == null ? 0L : committed.offset());
      }
      paused = Set.of();
      java.util.Objects.requireNonNull(ownership).assigned(assignment);
    }
    var records = new ArrayList<Incoming>();
    for (var partition : Set.copyOf(positions.keySet())) {
      if (!paused.contains(partition)) {
        take(partition, records);
      }
    }
    if (records.isEmpty()) {
      LockSupport.parkNanos(Math.min(wait.toNanos(), idle.toNanos()));
    }
    return records;
  }

  private void take(TopicPartition partition, List<Incoming> to) {
    var end = topic.end(partition);
    var from = positions.getOrDefault(partition, 0L);
    var taken = 0;
    for (var record : topic.recordsOf(partition).tailMap(from).entrySet()) {
      if (taken == pollMax) {
        return;
      }
      to.add(new Incoming(partition, record.getKey(), null, record.getValue(), null));
      positions.put(partition, record.getKey() + 1);
      taken++;
    }
    positions.put(partition, Math.max(end, positions.getOrDefault(partition, 0L)));
  }

  @Override
  public Map<TopicPartition, Position> committed(Set<TopicPartition> partitions) {
    var found = new HashMap<TopicPartition, Position>();
    for (var partition : partitions) {
      var position = topic.committed.get(partition);
      if (position != null) {
        found.put(partition, position);
      }
    }
    return found;
  }

  @Override
  public long position(TopicPartition partition) {
    return positions.getOrDefault(partition, -1L);
  }

  @Override
  public Map<TopicPartition, Long> ends(Set<TopicPartition> partitions) {
    var ends = new HashMap<TopicPartition, Long>();
    partitions.forEach(partition -> ends.put(partition, topic.end(partition)));
    return ends;
  }

  @Override
  public void setPaused(Set<TopicPartition> partitions) {
    paused = new HashSet<>(partitions);
  }

  @Override
  public void commitLater(Map<TopicPartition, Position> changed, Consumer<Boolean> done) {
    topic.committed.putAll(changed);
    answers.add(() -> done.accept(true));
  }

  @Override
  public boolean commitNow(Map<TopicPartition, Position> changed) {
    topic.committed.putAll(changed);
    return true;
  }

  @Override
  public int partitionCount() {
    return topic.records.size();
  }

  @Override
  public void close() {
    positions.clear();
  }
}
