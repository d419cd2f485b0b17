package io.penstock.platform.kafka;

import io.penstock.schemas.TopicSpec;
import io.penstock.schemas.TopicSpec.Durability;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of the catalogue; what exists is left as it is. */
public final class TopicAdmin {

  private static final String MESSAGE_BYTES_MAX = Integer.toString(4 << 20);

  private TopicAdmin() {}

  /**
   * Creates those of the topics that do not exist.
   *
   * @throws IllegalStateException when the cluster refuses one; the message says which and why
   */
  public static void ensure(Admin admin, KafkaSettings settings, List<TopicSpec> specs) {
    var results =
        admin.createTopics(specs.stream().map(spec -> topic(spec, settings)).toList()).values();
    results.forEach(
        (name, result) -> {
          try {
            result.get();
          } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
              throw new IllegalStateException("topic " + name + " cannot be created", e.getCause());
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating topics", e);
          }
        });
  }

  private static NewTopic topic(TopicSpec spec, KafkaSettings settings) {
    var configuration = new HashMap<>(spec.settings());
    configuration.put(TopicConfig.CLEANUP_POLICY_CONFIG, spec.cleanup().policy());
    configuration.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(spec.retention().toMillis()));
    configuration.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, MESSAGE_BYTES_MAX);
    if (spec.durability() == Durability.DISK_WHEN_ALONE && settings.replicationFactor() == 1) {
      configuration.put(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, "1");
    }
    var partitions =
        switch (spec.partitioning()) {
          case SINGLE -> 1;
          case DEFAULT -> settings.partitions();
        };
    return new NewTopic(spec.name(), partitions, settings.replicationFactor())
        .configs(configuration);
  }
}
