package io.penstock.router.stream;

import io.penstock.router.RouterConfig;
import io.penstock.router.admit.RoutingTable;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallCancelled;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UsageRecorded;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.Stores;

/**
 * Requests, outcomes and retries in; one processor with its stores; calls, cancels, results, usage,
 * errors and alarms out.
 */
public final class RouterTopology {

  // sources
  static final String REQUESTS_INTERACTIVE = "requests-interactive";
  static final String REQUESTS_BATCH = "requests-batch";
  static final String OUTCOMES = "outcomes";
  static final String RETRIES = "retries";

  // the processor and its stores
  static final String ROUTE = "route";
  static final String REQUEST_STORE = "requests";
  static final String DELAY_STORE = "delays";
  static final String BUDGET_STORE = "budgets";
  static final String PACE_STORE = "paces";
  static final String REFUSAL_STORE = "refusals";
  static final String REPEAT_STORE = "repeats";

  // sinks
  static final String CALLS = "calls";
  static final String CANCELS = "cancels";
  static final String RESULTS = "results";
  static final String USAGE = "usage";
  static final String REPLIES = "replies";
  static final String DEAD_LETTERS = "dead-letters";
  static final String AUDIT = "audit";

  private static final Map<String, String> CHANGELOG =
      Map.of(
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.CLEANUP_POLICY_COMPACT,
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(64 << 20),
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
          "0.3");

  private RouterTopology() {}

  /**
   * Builds the topology; nothing in it does I/O of its own.
   *
   * @param table the catalogue as it is now; asked once for each record
   * @param statuses what workers say of their pools
   */
  public static Topology build(
      Topics topics,
      RecordSerdes serdes,
      Supplier<RoutingTable> table,
      PoolStatuses statuses,
      RouterConfig config,
      RouterMetrics metrics) {
    var topology = new Topology();
    sources(topology, topics, serdes.deserializer(SpecificRecord.class));
    topology.addProcessor(
        ROUTE,
        () ->
            new RouteProcessor(
                topics,
                table,
                statuses,
                config,
                metrics,
                serdes.serializer(),
                serdes.deserializer(CallAssigned.class)),
        REQUESTS_INTERACTIVE,
        REQUESTS_BATCH,
        OUTCOMES,
        RETRIES);
    stores(topology);
    sinks(topology, topics, serdes);
    return topology;
  }

  private static void sources(
      Topology topology, Topics topics, Deserializer<SpecificRecord> records) {
    source(
        topology,
        REQUESTS_INTERACTIVE,
        LaneTimestamps.FIRST,
        records,
        topics.requests(Lane.INTERACTIVE));
    source(topology, REQUESTS_BATCH, LaneTimestamps.LAST, records, topics.requests(Lane.BATCH));
    source(topology, OUTCOMES, LaneTimestamps.FIRST, records, topics.outcomes());
    source(topology, RETRIES, LaneTimestamps.FIRST, records, topics.retries());
  }

  /** From the beginning: what was accepted before the router first ran is work, not history. */
  private static void source(
      Topology topology,
      String name,
      TimestampExtractor timestamps,
      Deserializer<SpecificRecord> records,
      String topic) {
    topology.addSource(
        AutoOffsetReset.earliest(), name, timestamps, new StringDeserializer(), records, topic);
  }

  private static void stores(Topology topology) {
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(REQUEST_STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(CHANGELOG),
        ROUTE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(DELAY_STORE), Serdes.Bytes(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(CHANGELOG),
        ROUTE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(BUDGET_STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(CHANGELOG),
        ROUTE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(PACE_STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(CHANGELOG),
        ROUTE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(REFUSAL_STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(CHANGELOG),
        ROUTE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(REPEAT_STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(CHANGELOG),
        ROUTE);
  }

  private static void sinks(Topology topology, Topics topics, RecordSerdes serdes) {
    var keys = new StringSerializer();
    topology.addSink(
        CALLS,
        new CallTopics(topics),
        keys,
        serdes.<CallAssigned>serializer(),
        new Evenly(),
        ROUTE);
    topology.addSink(CANCELS, topics.cancels(), keys, serdes.<CallCancelled>serializer(), ROUTE);
    topology.addSink(RESULTS, topics.results(), keys, serdes.<RequestFinished>serializer(), ROUTE);
    topology.addSink(USAGE, topics.usage(), keys, serdes.<UsageRecorded>serializer(), ROUTE);
    topology.addSink(
        REPLIES,
        topics.replies(),
        keys,
        AddressedReply.serializer(serdes.<ReplyFinished>serializer()),
        new ToAddress(),
        ROUTE);
    topology.addSink(
        DEAD_LETTERS, topics.deadLetters(), keys, serdes.<DeadLetter>serializer(), ROUTE);
    topology.addSink(AUDIT, topics.audit(), keys, serdes.<AuditRecorded>serializer(), ROUTE);
  }
}
