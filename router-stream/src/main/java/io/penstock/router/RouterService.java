package io.penstock.router;

import io.penstock.platform.Platform;
import io.penstock.platform.kafka.BoundedRocksDb;
import io.penstock.platform.kafka.StreamsRun;
import io.penstock.router.stream.PoolStatuses;
import io.penstock.router.stream.PoolTail;
import io.penstock.router.stream.RoutedCatalog;
import io.penstock.router.stream.RouterMetrics;
import io.penstock.router.stream.RouterTopology;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running router. Thread-safe. */
public final class RouterService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RouterService.class);
  private static final String NAME = "router";
  private static final Duration RESTART_PAUSE = Duration.ofMillis(250);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(20);

  private final StreamsRun run;
  private final PoolTail pools;

  private RouterService(StreamsRun run, PoolTail pools) {
    this.run = run;
    this.pools = pools;
  }

  /** Starts routing; returns before the stores are restored, see {@link #ready}. */
  public static RouterService start(Platform platform, RouterConfig config) {
    var clients = platform.kafka();
    var catalog = new RoutedCatalog(clients);
    platform.catalog().onChange(catalog);
    var statuses = new PoolStatuses();
    var topology =
        RouterTopology.build(
            clients.topics(),
            clients.serdes(),
            catalog,
            statuses,
            config,
            new RouterMetrics(platform.metrics()));
    var properties =
        clients.streams(NAME, platform.stateDirectory(), settings(platform.node(), config));
    var streams = new KafkaStreams(topology, properties);
    streams.setUncaughtExceptionHandler(
        failure -> {
          LOG.atError().setCause(failure).log("a stream thread died, starting another");
          // a failure that comes back at once must not spin
          LockSupport.parkNanos(RESTART_PAUSE.toNanos());
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    var run = StreamsRun.start(NAME, streams, platform.stateDirectory(), CLOSE_MAX);
    return new RouterService(run, PoolTail.start(clients, statuses));
  }

  static Map<String, Object> settings(String node, RouterConfig config) {
    var settings = new HashMap<String, Object>();
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    // lanes are a preference, not an order: waiting for records still at the broker would only cost
    // time
    settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
    // a process that comes back under its name takes its partitions back at once
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        NAME + "-" + node);
    settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6000);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 2000);
    return settings;
  }

  /** Whether every partition that this process owns is being processed. */
  public boolean ready() {
    return run.running();
  }

  /** The engine, for metrics and for looking into stores. */
  public KafkaStreams streams() {
    return run.streams();
  }

  /** Ends the current transaction, keeps the place in the group. */
  @Override
  public void close() {
    run.close();
    pools.close();
  }
}
