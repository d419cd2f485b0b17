package io.penstock.billing;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.micrometer.core.instrument.Gauge;
import io.penstock.billing.alert.AlertService;
import io.penstock.billing.http.BillingRoutes;
import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.billing.stream.BillingTopology;
import io.penstock.billing.stream.BookingStopped;
import io.penstock.billing.stream.StoreReader;
import io.penstock.billing.stream.StreamsStores;
import io.penstock.platform.Platform;
import io.penstock.platform.http.Health;
import io.penstock.platform.http.Http;
import io.penstock.platform.http.Peers;
import io.penstock.platform.kafka.BoundedRocksDb;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.StreamsRun;
import io.penstock.platform.telemetry.LogKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndFailExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Billing, running: books usage into the ledger and answers what is in it. A record that cannot be
 * booked stops it, because skipping one would make every later balance wrong. Thread-safe.
 */
public final class BillingService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BillingService.class);
  private static final String NAME = "billing";
  private static final String BOOKED = "penstock.billing.usage.booked";
  private static final int SESSION_TIMEOUT_MS = 6000;
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);
  private static final long BODY_BYTES_MAX = 1 << 20;

  /** Where no HTTP server is ours, nobody can ask us. */
  private static final int NO_PORT = 1;

  private final StreamsRun run;
  private final StoreReader reader;
  private final BillingRoutes routes;
  private final Peers peers;
  private @Nullable AlertService alerts;
  private @Nullable WebServer server;

  private BillingService(StreamsRun run, StoreReader reader, BillingRoutes routes, Peers peers) {
    this.peers = peers;
    this.run = run;
    this.reader = reader;
    this.routes = routes;
  }

  /** Starts it; {@link #ready} tells when it has its partitions. The topics have to exist. */
  public static BillingService start(Platform platform, BillingConfig config) {
    var own = config.server();
    return start(
        platform, config, own == null ? new HostInfo(platform.node(), NO_PORT) : own.advertised());
  }

  /**
   * Starts it where another part of the process serves its routes.
   *
   * @param self where other instances reach those
   */
  public static BillingService start(Platform platform, BillingConfig config, HostInfo self) {
    var kafka = platform.kafka();
    var topology = BillingTopology.of(kafka.topics(), kafka.serdes(), config.limits());
    var settings =
        kafka.streams(NAME, platform.stateDirectory(), settings(platform.node(), self, config));
    var streams = new KafkaStreams(topology, settings);
    streams.setUncaughtExceptionHandler(failure -> afterFailure(kafka, failure));
    var reader = new StoreReader(new StreamsStores(streams, self));
    var peers = new Peers();
    var routes =
        new BillingRoutes(
            reader,
            platform.apiKeys(),
            platform.catalog()::snapshot,
            InstantSource.system(),
            config.limits().journalEntriesMax(),
            new BillingPeriods(config.limits().periodGrace()),
            new CorrectionSender(kafka),
            peers);
    var run = StreamsRun.start(NAME, streams, platform.stateDirectory(), CLOSE_MAX);
    var service = new BillingService(run, reader, routes, peers);
    Gauge.builder(BOOKED, service, BillingService::bookedUsage)
        .description("usage records booked, repetitions not counted; -1 while not known")
        .register(platform.metrics());
    if (config.alerts().enabled()) {
      service.alerts = AlertService.start(platform, config.alerts());
    }
    service.serve(platform, config.server());
    return service;
  }

  private static Map<String, Object> settings(String node, HostInfo self, BillingConfig config) {
    return Map.of(
        StreamsConfig.APPLICATION_SERVER_CONFIG,
        self.host() + ":" + self.port(),
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
        config.commitInterval().toMillis(),
        StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG,
        config.cacheBytes(),
        StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG,
        BoundedRocksDb.class,
        // money is never skipped: neither what cannot be read (the registry may only be away) nor
        // what cannot be booked
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndFailExceptionHandler.class,
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndFailProcessingExceptionHandler.class,
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        NAME + "-" + node,
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
        SESSION_TIMEOUT_MS);
  }

  private static StreamThreadExceptionResponse afterFailure(KafkaClients kafka, Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BookingStopped stopped) {
        LOG.atError()
            .setCause(failure)
            .addKeyValue(LogKeys.ORGANIZATION, stopped.organization())
            .addKeyValue(LogKeys.PARTITION, stopped.partition())
            .addKeyValue("remedy", stopped.remedy())
            .log("billing stopped: the books would no longer be right");
        AuditAlert.send(kafka, AuditAlert.of(stopped, Instant.now()));
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
    }
    LOG.atError().setCause(failure).log("billing failed and starts again");
    // a failure that comes back at once must not spin
    LockSupport.parkNanos(RESTART_PAUSE.toNanos());
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private void serve(Platform platform, BillingConfig.@Nullable Server own) {
    if (own == null) {
      return;
    }
    var health = new Health();
    health.require(NAME, this::ready);
    try {
      server =
          Http.start(
              own.host(), own.port(), BODY_BYTES_MAX, health, platform.metrics(), this::routes);
    } catch (IllegalStateException e) {
      closeStreams();
      throw e;
    }
  }

  /** Adds the read API to a server. */
  public void routes(HttpRouting.Builder routing) {
    routes.add(routing);
  }

  /**
   * Whether usage is being booked: false while starting, while partitions move, and after a stop.
   */
  public boolean ready() {
    return run.running();
  }

  /**
   * Usage records booked in the partitions of this process since ever, repetitions not counted; -1
   * while that is not known because partitions are being moved or restored.
   */
  public long bookedUsage() {
    try {
      return reader.usageRecords();
    } catch (UnavailableException e) {
      return -1;
    }
  }

  /** Port of its own HTTP server; -1 without one. */
  public int port() {
    var own = server;
    return own == null ? -1 : own.port();
  }

  @Override
  public void close() {
    var own = server;
    if (own != null) {
      own.stop();
    }
    closeStreams();
  }

  private void closeStreams() {
    var told = alerts;
    if (told != null) {
      told.close();
    }
    run.close();
    peers.close();
  }
}
