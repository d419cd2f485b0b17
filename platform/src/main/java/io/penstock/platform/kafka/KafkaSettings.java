package io.penstock.platform.kafka;

import io.penstock.platform.config.Section;
import io.penstock.schemas.Topics;
import java.util.Map;

/**
 * Where the log is and how its topics are laid out.
 *
 * @param bootstrapServers {@code host:port,…}
 * @param client settings given to every client untouched, in Kafka's names (security, timeouts, …)
 * @param topicPrefix prefix of every topic
 * @param partitions of topics with the default partitioning
 * @param replicationFactor of every topic
 * @param registryUrl Confluent-compatible schema registry
 * @param registryClient settings of the registry client, in Confluent's names
 */
public record KafkaSettings(
    String bootstrapServers,
    Map<String, String> client,
    String topicPrefix,
    int partitions,
    short replicationFactor,
    String registryUrl,
    Map<String, String> registryClient) {

  public KafkaSettings {
    client = Map.copyOf(client);
    registryClient = Map.copyOf(registryClient);
  }

  /** Reads the sections {@code kafka} and {@code registry} of a service's configuration. */
  public static KafkaSettings of(Section root) {
    var kafka = root.section("kafka");
    var registry = root.section("registry");
    return new KafkaSettings(
        kafka.requiredText("bootstrap-servers"),
        kafka.textMap("client"),
        kafka.text("topic-prefix", Topics.DEFAULT_PREFIX),
        (int) kafka.number("partitions", 24, 1, 10_000),
        (short) kafka.number("replication-factor", 3, 1, 100),
        registry.requiredText("url"),
        registry.textMap("client"));
  }

  /** Names only: client settings hold credentials. */
  @Override
  public String toString() {
    return "KafkaSettings[bootstrapServers="
        + bootstrapServers
        + ", topicPrefix="
        + topicPrefix
        + ", partitions="
        + partitions
        + ", replicationFactor="
        + replicationFactor
        + ", registryUrl="
        + registryUrl
        + ", client="
        + client.keySet()
        + "]";
  }
}
