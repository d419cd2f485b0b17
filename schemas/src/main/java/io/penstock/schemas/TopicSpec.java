package io.penstock.schemas;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * One topic of the catalogue: what it is called, how it is keyed, what may be in it and how long it
 * stays.
 *
 * @param name full name, prefix included
 * @param key what the record key is, for people; co-partitioned topics say the same
 * @param values record types that may be in it
 * @param partitioning how many partitions it gets
 * @param cleanup whether old records are deleted, compacted or both
 * @param retention how long records stay; {@link #FOREVER} where they are never deleted by age
 * @param durability what holds a record before its writer hears of it
 * @param settings further topic settings, in Kafka's own names
 */
public record TopicSpec(
    String name,
    String key,
    List<Schema> values,
    Partitioning partitioning,
    Cleanup cleanup,
    Duration retention,
    Durability durability,
    Map<String, String> settings) {

  /** Retention of records that are never deleted by age. */
  public static final Duration FOREVER = Duration.ofMillis(-1);

  public TopicSpec {
    values = List.copyOf(values);
    settings = Map.copyOf(settings);
  }

  /** How many partitions a topic gets. */
  public enum Partitioning {
    /** The installation's default: 6 on one machine, 24 in a cluster. */
    DEFAULT,
    /** One, because its order is global. */
    SINGLE
  }

  /** What holds a record before its writer hears of it. */
  public enum Durability {
    /** As many replicas as the installation has; the disk follows when the system writes back. */
    REPLICAS,
    /** The same, and where there is one replica only, its disk. */
    DISK_WHEN_ALONE
  }

  /** Kafka's cleanup policies. */
  public enum Cleanup {
    DELETE("delete"),
    COMPACT("compact"),
    COMPACT_AND_DELETE("compact,delete");

    private final String policy;

    Cleanup(String policy) {
      this.policy = policy;
    }

    /** The value of {@code cleanup.policy}. */
    public String policy() {
      return policy;
    }
  }
}
