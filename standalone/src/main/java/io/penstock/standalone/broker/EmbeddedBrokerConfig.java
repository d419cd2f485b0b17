package io.penstock.standalone.broker;

import java.nio.file.Path;
import java.util.Map;

/**
 * How the embedded broker runs.
 *
 * @param directory where it keeps its log and its password; created when missing
 * @param port the port on 127.0.0.1 for clients; 0 takes the port of the previous run, or any when
 *     that is taken
 * @param partitions partitions of a topic that is created without saying how many
 * @param settings broker settings by their Kafka names, which win over ours
 */
public record EmbeddedBrokerConfig(
    Path directory, int port, int partitions, Map<String, String> settings) {
  /** Six, as the topics of one machine have. */
  public static final int PARTITIONS_DEFAULT = 6;

  public EmbeddedBrokerConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be between 0 and 65535, is " + port);
    }
    if (partitions < 1) {
      throw new IllegalArgumentException("partitions must be at least 1, is " + partitions);
    }
    settings = Map.copyOf(settings);
  }

  /** The defaults, on any port. */
  public static EmbeddedBrokerConfig of(Path directory) {
    return new EmbeddedBrokerConfig(directory, 0, PARTITIONS_DEFAULT, Map.of());
  }
}
