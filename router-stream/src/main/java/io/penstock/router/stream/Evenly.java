package io.penstock.router.stream;

import io.penstock.schemas.avro.CallAssigned;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/**
 * Partition after partition, for each model of each topic: a worker may spend the share of a
 * provider's limits that belongs to its partitions, and providers limit each model by itself, so a
 * partition without calls of a model would be idle quota. Thread-safe.
 */
final class Evenly implements StreamPartitioner<String, CallAssigned> {

  /** Of both there are as many as the catalogue has. */
  private record Line(String topic, String upstreamModel) {}

  private final Map<Line, AtomicInteger> next = new ConcurrentHashMap<>();

  @Override
  public Optional<Set<Integer>> partitions(
      String topic, @Nullable String key, CallAssigned call, int partitions) {
    var line = new Line(topic, call.getUpstreamModel());
    // each begins one further, so that rarely used models do not all begin at the same partition
    var turn = next.computeIfAbsent(line, _ -> new AtomicInteger(next.size())).getAndIncrement();
    return Optional.of(Set.of(Math.floorMod(turn, partitions)));
  }
}
