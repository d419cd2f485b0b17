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
 * Partition after partition, for each topic: a worker may spend the share of a provider's limits
 * that belongs to its partitions, so an idle partition would be idle quota. Thread-safe.
 */
final class Evenly implements StreamPartitioner<String, CallAssigned> {

  private final Map<String, AtomicInteger> next = new ConcurrentHashMap<>();

  @Override
  public Optional<Set<Integer>> partitions(
      String topic, @Nullable String key, CallAssigned call, int partitions) {
    var turn = next.computeIfAbsent(topic, _ -> new AtomicInteger()).getAndIncrement();
    return Optional.of(Set.of(Math.floorMod(turn, partitions)));
  }
}
