package io.penstock.worker.engine;

import io.penstock.worker.engine.CallSource.Position;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.common.TopicPartition;

/** A call topic and its group's offsets, in memory; survives the workers that read it. */
final class FakeTopic {

  final Map<TopicPartition, ConcurrentSkipListMap<Long, byte[]>> records =
      new TreeMap<>(java.util.Comparator.comparingInt(TopicPartition::partition));
  final Map<TopicPartition, Position> committed = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  FakeTopic(int partitions) {
    for (int i = 0; i < partitions; i++) {
      records.put(new TopicPartition("calls", i), new ConcurrentSkipListMap<>());
    }
  }

  synchronized void append(int partition, byte[] value) {
    var key = new TopicPartition("calls", partition);
    recordsOf(key).put(ends.merge(key, 1L, Long::sum) - 1, value);
  }

  ConcurrentSkipListMap<Long, byte[]> recordsOf(TopicPartition partition) {
    return java.util.Objects.requireNonNull(records.get(partition));
  }

  /** What a transaction marker leaves behind. */
  synchronized void hole(int partition) {
    ends.merge(new TopicPartition("calls", partition), 1L, Long::sum);
  }

  synchronized long end(TopicPartition partition) {
    return ends.getOrDefault(partition, 0L);
  }
}
