package io.penstock.ingress.stream;

import io.penstock.platform.kafka.StateSerde;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BatchLine;
import io.penstock.schemas.avro.BatchView;
import java.time.Duration;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * {@code batches} and {@code results} → the job view's stores. Both topics are keyed by the batch.
 */
public final class JobViewTopology {

  /** What is known of each batch. */
  static final String BATCHES = "batch";

  /** Finished lines of batches that have not ended. */
  static final String LINES = "batch-lines";

  /**
   * Batches that need work: {@link #WORKING}, or {@link #RELEASED} while their lines are being
   * deleted.
   */
  static final String ACTIVE = "active-batches";

  /** Listings of organisations. */
  static final String LISTING = "batches-by-organization";

  static final String WORKING = "working";
  static final String RELEASED = "released";

  private static final String BATCH_EVENTS = "batch-events";
  private static final String RESULTS = "results";
  private static final String JOB_VIEW = "job-view";

  private JobViewTopology() {}

  /**
   * The topology.
   *
   * @param grace how long a stopped batch waits for the lines that were dispatched
   */
  public static Topology of(Topics topics, RecordSerdes serdes, Duration grace) {
    var topology = new Topology();
    topology.addSource(
        BATCH_EVENTS,
        new StringDeserializer(),
        serdes.deserializer(SpecificRecord.class),
        topics.batches());
    topology.addSource(
        RESULTS,
        new StringDeserializer(),
        serdes.deserializer(SpecificRecord.class),
        topics.results());
    topology.addProcessor(JOB_VIEW, () -> new JobViewProcessor(grace), BATCH_EVENTS, RESULTS);
    // every result changes its batch: the cache makes that one write a commit instead of one a line
    topology.addStateStore(batches().withCachingEnabled(), JOB_VIEW);
    topology.addStateStore(lines(), JOB_VIEW);
    topology.addStateStore(active(), JOB_VIEW);
    topology.addStateStore(listing(), JOB_VIEW);
    return topology;
  }

  private static StoreBuilder<?> lines() {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(LINES), LineKey.serde(), line())
        .withCachingDisabled();
  }

  private static StoreBuilder<?> active() {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(ACTIVE), Serdes.String(), Serdes.String())
        .withCachingDisabled();
  }

  private static StoreBuilder<?> listing() {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(LISTING), ListingKey.serde(), Serdes.String())
        .withCachingDisabled();
  }

  private static StoreBuilder<?> batches() {
    return Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(BATCHES), Serdes.String(), view());
  }

  private static Serde<BatchView> view() {
    return StateSerde.of(BatchView.getEncoder(), BatchView.getDecoder());
  }

  private static Serde<BatchLine> line() {
    return StateSerde.of(BatchLine.getEncoder(), BatchLine.getDecoder());
  }
}
