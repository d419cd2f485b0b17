package io.penstock.standalone.cli;

import io.penstock.schemas.Topics;
import io.penstock.standalone.broker.EmbeddedBroker;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "topics",
    description = "Shows the topics with their records and how far behind each group is.",
    mixinStandardHelpOptions = true)
final class TopicsCommand implements Callable<Integer> {

  private static final String TIMEOUT_MS = "8000";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOptions server = new ServerOptions();

  @Override
  public Integer call() throws InterruptedException {
    var properties =
        new HashMap<String, Object>(
            EmbeddedBroker.clientProperties(server.data().resolve("kafka")));
    properties.put("default.api.timeout.ms", TIMEOUT_MS);
    properties.put("request.timeout.ms", TIMEOUT_MS);
    try (var admin = Admin.create(properties)) {
      print(admin);
      return 0;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new IllegalStateException(
            "the broker of " + server.data() + " does not answer: is `penstock up` running?");
      }
      throw new IllegalStateException("the broker refuses", e);
    }
  }

  private void print(Admin admin) throws ExecutionException, InterruptedException {
    var names =
        admin.listTopics().names().get().stream()
            .filter(name -> name.startsWith(Topics.DEFAULT_PREFIX))
            .toList();
    var descriptions = admin.describeTopics(names).allTopicNames().get();
    var ends = new HashMap<TopicPartition, OffsetSpec>();
    descriptions.forEach(
        (name, topic) ->
            topic
                .partitions()
                .forEach(
                    partition ->
                        ends.put(
                            new TopicPartition(name, partition.partition()), OffsetSpec.latest())));
    var starts = new HashMap<TopicPartition, OffsetSpec>();
    ends.keySet().forEach(partition -> starts.put(partition, OffsetSpec.earliest()));
    var last = admin.listOffsets(ends).all().get();
    var first = admin.listOffsets(starts).all().get();
    var records = new TreeMap<String, Long>();
    last.forEach(
        (partition, offset) -> records.merge(partition.topic(), offset.offset(), Long::sum));
    first.forEach(
        (partition, offset) -> records.merge(partition.topic(), -offset.offset(), Long::sum));
    var lags =
        lags(
            admin,
            last.entrySet().stream()
                .collect(
                    java.util.stream.Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset())));
    var out = spec.commandLine().getOut();
    out.println(
        String.format(
            Locale.ROOT, "%-58s %10s %12s  %s", "topic", "partitions", "records", "lag by group"));
    for (var name : inFlowOrder(records)) {
      var description = Objects.requireNonNull(descriptions.get(name));
      out.println(
          String.format(
              Locale.ROOT,
              "%-58s %10d %,12d  %s",
              name,
              description.partitions().size(),
              records.get(name),
              lags.getOrDefault(name, "")));
    }
    out.flush();
  }

  /**
   * The catalogue's order first, then the rest (call topics of pools, internal topics of streams)
   * by name.
   */
  private static List<String> inFlowOrder(Map<String, Long> records) {
    var order =
        new Topics(Topics.DEFAULT_PREFIX).fixed().stream().map(topic -> topic.name()).toList();
    return records.keySet().stream()
        .sorted(
            java.util.Comparator.<String>comparingInt(
                    name -> order.contains(name) ? order.indexOf(name) : order.size())
                .thenComparing(name -> name))
        .toList();
  }

  private static Map<String, String> lags(Admin admin, Map<TopicPartition, Long> ends)
      throws ExecutionException, InterruptedException {
    var lags = new TreeMap<String, String>();
    for (var group : admin.listGroups().all().get()) {
      var offsets =
          admin.listConsumerGroupOffsets(group.groupId()).partitionsToOffsetAndMetadata().get();
      var byTopic = new TreeMap<String, Long>();
      offsets.forEach(
          (partition, offset) -> {
            if (offset != null && ends.containsKey(partition)) {
              byTopic.merge(
                  partition.topic(), Math.max(0, ends.get(partition) - offset.offset()), Long::sum);
            }
          });
      byTopic.forEach(
          (topic, lag) ->
              lags.merge(topic, group.groupId() + " " + lag, (left, right) -> left + ", " + right));
    }
    return lags;
  }
}
