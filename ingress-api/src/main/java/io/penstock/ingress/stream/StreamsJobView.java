package io.penstock.ingress.stream;

import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.platform.Platform;
import io.penstock.platform.kafka.BoundedRocksDb;
import io.penstock.platform.kafka.StreamsRun;
import io.penstock.schemas.avro.BatchLine;
import io.penstock.schemas.avro.BatchView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The job view of this instance: the Kafka Streams application, and reads of its stores.
 * Thread-safe.
 */
public final class StreamsJobView implements JobView, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StreamsJobView.class);
  private static final String APPLICATION = "job-view";
  private static final int SESSION_TIMEOUT_MILLIS = 6000;
  private static final long CACHE_BYTES = 4L << 20;
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);

  private final StreamsRun run;
  private final KafkaStreams streams;
  private final HostInfo self;

  private StreamsJobView(StreamsRun run, HostInfo self) {
    this.run = run;
    this.streams = run.streams();
    this.self = self;
  }

  /**
   * Starts the application.
   *
   * @param self where other instances reach this one
   * @param grace how long a stopped batch waits for the lines that were dispatched
   */
  public static StreamsJobView start(Platform platform, HostInfo self, Duration grace) {
    var kafka = platform.kafka();
    var properties =
        kafka.streams(
            APPLICATION,
            platform.stateDirectory(),
            Map.of(
                StreamsConfig.APPLICATION_SERVER_CONFIG,
                self.host() + ":" + self.port(),
                StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG,
                CACHE_BYTES,
                StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG,
                BoundedRocksDb.class,
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
                "ingress-" + APPLICATION + "-" + platform.node(),
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
                SESSION_TIMEOUT_MILLIS));
    var topology = JobViewTopology.of(kafka.topics(), kafka.serdes(), grace);
    var streams = new KafkaStreams(topology, properties);
    streams.setUncaughtExceptionHandler(
        e -> {
          LOG.atError().setCause(e).log("job view thread failed and is replaced");
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    return new StreamsJobView(
        StreamsRun.start(APPLICATION, streams, platform.stateDirectory(), CLOSE_WAIT), self);
  }

  /** Whether the stores are complete and can be read. */
  public boolean ready() {
    return run.running();
  }

  @Override
  public List<Batch> active() {
    return reading(
        () -> {
          ReadOnlyKeyValueStore<String, String> active = store(JobViewTopology.ACTIVE, null);
          var ids = new ArrayList<String>();
          try (var all = active.all()) {
            while (all.hasNext()) {
              var entry = all.next();
              if (entry.value.equals(JobViewTopology.WORKING)) {
                ids.add(entry.key);
              }
            }
          }
          return ids.isEmpty() ? List.<Batch>of() : batches(ids);
        });
  }

  @Override
  public @Nullable Batch find(String batch) {
    return reading(
            () -> {
              requireHere(batch);
              return batches(List.of(batch)).stream().findFirst();
            })
        .orElse(null);
  }

  private void requireHere(String batch) {
    var owner =
        streams.queryMetadataForKey(JobViewTopology.BATCHES, batch, Serdes.String().serializer());
    if (owner == null || owner.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
      throw new NotReady("the job view is moving", null);
    }
    if (!owner.activeHost().equals(self)) {
      throw new Elsewhere(owner.activeHost());
    }
  }

  @Override
  public List<HostInfo> peers() {
    return reading(
        () ->
            streams.metadataForAllStreamsClients().stream()
                .filter(client -> !client.topicPartitions().isEmpty())
                .map(StreamsMetadata::hostInfo)
                .filter(host -> !host.equals(self))
                .distinct()
                .toList());
  }

  private List<Batch> batches(List<String> ids) {
    ReadOnlyKeyValueStore<String, BatchView> store = store(JobViewTopology.BATCHES, null);
    return ids.stream().map(store::get).filter(Objects::nonNull).map(BatchViews::state).toList();
  }

  @Override
  public List<Batch> list(String organization, @Nullable Place after, int limit) {
    return reading(
        () -> {
          var from =
              after == null
                  ? ListingKey.first(organization)
                  : new ListingKey(organization, after.createdAtMillis(), after.batch()).next();
          var found = new ArrayList<ListingKey>();
          // a partition's own listing is in order; the page is the best of all
          for (var partition : partitions()) {
            ReadOnlyKeyValueStore<ListingKey, String> listing =
                store(JobViewTopology.LISTING, partition);
            try (var range = listing.range(from, ListingKey.last(organization))) {
              for (int i = 0; i < limit && range.hasNext(); i++) {
                found.add(range.next().key);
              }
            }
          }
          var ids =
              found.stream()
                  .sorted(ListingKey.NEWEST_FIRST)
                  .limit(limit)
                  .map(ListingKey::batch)
                  .toList();
          return batches(ids);
        });
  }

  private List<Integer> partitions() {
    return streams.metadataForLocalThreads().stream()
        .flatMap(thread -> thread.activeTasks().stream())
        .map(task -> task.taskId())
        .map(TaskId::partition)
        .distinct()
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  @Override
  public List<Line> lines(String batch, long from, int limit) {
    return reading(
        () -> {
          requireHere(batch);
          ReadOnlyKeyValueStore<LineKey, BatchLine> store = store(JobViewTopology.LINES, null);
          var found = new ArrayList<Line>();
          var last = new LineKey(batch, Long.MAX_VALUE);
          try (var range = store.range(new LineKey(batch, from), last)) {
            while (found.size() < limit && range.hasNext()) {
              var entry = range.next();
              found.add(new Line(entry.key.line(), entry.value));
            }
          }
          return found;
        });
  }

  private <K, V> ReadOnlyKeyValueStore<K, V> store(String name, @Nullable Integer partition) {
    StoreQueryParameters<ReadOnlyKeyValueStore<K, V>> parameters =
        StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.keyValueStore());
    return streams.store(partition == null ? parameters : parameters.withPartition(partition));
  }

  private <T> T reading(Supplier<T> read) {
    // while partitions move, stores that are not there yet would look like batches that do not
    // exist
    if (!ready()) {
      throw new NotReady("the job view is " + streams.state(), null);
    }
    try {
      return read.get();
    } catch (InvalidStateStoreException e) {
      throw new NotReady("the job view is moving", e);
    }
  }

  @Override
  public void close() {
    run.close();
  }
}
