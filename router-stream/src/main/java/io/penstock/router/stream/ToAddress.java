package io.penstock.router.stream;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/** To the partition that the caller's instance reads. */
final class ToAddress implements StreamPartitioner<String, AddressedReply> {

  @Override
  public Optional<Set<Integer>> partitions(
      String topic, @Nullable String key, AddressedReply reply, int partitions) {
    return Optional.of(Set.of(reply.partition()));
  }
}
