package io.penstock.worker.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** One lane's call topic, as the poll loop sees it. Used by one thread. */
interface CallSource extends AutoCloseable {

  /**
   * A record.
   *
   * @param key as it was sent
   * @param value as it was sent
   * @param traceparent W3C trace context; absent when it has none
   */
  record Incoming(
      TopicPartition partition,
      long offset,
      byte @Nullable [] key,
      byte @Nullable [] value,
      @Nullable String traceparent) {}

  /** An offset as the group keeps it, with our metadata. */
  record Position(long offset, String metadata) {}

  /** Hears of partitions coming and going, within {@link #poll}. */
  interface Ownership {
    /** Partitions came; those that went and are not among them are gone for good. */
    void assigned(Set<TopicPartition> partitions);

    /** Partitions are about to go: the last moment to commit. */
    void revoked(Set<TopicPartition> partitions);

    /** Partitions went already; somebody else may own them. */
    void lost(Set<TopicPartition> partitions);
  }

  /** Joins the group. */
  void subscribe(Ownership ownership);

  /** The next records; waits for the first of them at most this long. */
  List<Incoming> poll(Duration wait);

  /** What the group keeps for partitions; those without a commit are absent. */
  Map<TopicPartition, Position> committed(Set<TopicPartition> partitions);

  /** Offset after the last record that {@link #poll} gave or passed over; -1 when not known. */
  long position(TopicPartition partition);

  /** Offset after the last record that the topic has now, for partitions that are ours. */
  Map<TopicPartition, Long> ends(Set<TopicPartition> partitions);

  /** Gives no records of exactly these partitions from now on. */
  void setPaused(Set<TopicPartition> partitions);

  /** Commits without waiting; tells within a later {@link #poll} whether it worked. */
  void commitLater(Map<TopicPartition, Position> positions, Consumer<Boolean> done);

  /** Commits and waits; false when it did not work. */
  boolean commitNow(Map<TopicPartition, Position> positions);

  /** Partitions of the topic, owned or not; at least 1. */
  int partitionCount();

  /** Leaves the group. */
  @Override
  void close();
}
