package io.penstock.router.stream;

import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Lane;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.TopicNameExtractor;
import org.jspecify.annotations.Nullable;

/** The topic of a call's pool and lane; each name is checked and put together once. Thread-safe. */
final class CallTopics implements TopicNameExtractor<String, CallAssigned> {

  private record Place(String pool, Lane lane) {}

  private final Topics topics;
  private final Map<Place, String> names = new ConcurrentHashMap<>();

  CallTopics(Topics topics) {
    this.topics = topics;
  }

  @Override
  public String extract(@Nullable String key, CallAssigned call, RecordContext context) {
    return names.computeIfAbsent(
        new Place(call.getPool(), call.getLane()),
        place -> topics.calls(place.pool(), place.lane()));
  }

  /** Part of the topology's description. */
  @Override
  public String toString() {
    return topics.prefix() + "calls.<pool>.<lane>";
  }
}
