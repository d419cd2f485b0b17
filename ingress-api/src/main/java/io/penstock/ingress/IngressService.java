package io.penstock.ingress;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.penstock.ingress.admin.AdminRoutes;
import io.penstock.ingress.batches.BatchesFeature;
import io.penstock.ingress.files.FileRoutes;
import io.penstock.ingress.files.Files;
import io.penstock.ingress.http.DiskReserve;
import io.penstock.ingress.http.Routes;
import io.penstock.ingress.http.Surfaces;
import io.penstock.ingress.sweep.SweepJob;
import io.penstock.platform.Platform;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.http.Health;
import io.penstock.platform.http.Http;
import io.penstock.platform.id.Ids;
import io.penstock.platform.telemetry.LogKeys;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ingress: takes requests over HTTP, writes them to the log, and answers from it. */
public final class IngressService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(IngressService.class);
  private static final Duration PRODUCER_CLOSE_MAX = Duration.ofSeconds(10);

  /** Every route has its own limit, which answers with our envelope; the server's would not. */
  private static final long BODY_BYTES_UNLIMITED = -1;

  private final IngressConfig config;
  private final CatalogWriter catalog;
  private final Producer<String, SpecificRecord> producer;
  private final Surfaces surfaces;
  private final BatchesFeature batches;
  private final SweepJob sweep;
  private final WebServer server;

  private IngressService(
      IngressConfig config,
      CatalogWriter catalog,
      Producer<String, SpecificRecord> producer,
      Surfaces surfaces,
      BatchesFeature batches,
      SweepJob sweep,
      WebServer server) {
    this.config = config;
    this.catalog = catalog;
    this.producer = producer;
    this.surfaces = surfaces;
    this.batches = batches;
    this.sweep = sweep;
    this.server = server;
  }

  /** Starts everything, the listening socket last, where nothing else is in the process. */
  public static IngressService start(Platform platform, IngressConfig config) {
    return start(platform, config, List.of(), Map.of());
  }

  /**
   * Starts everything, the listening socket last.
   *
   * @param extraRoutes routes of other services that share the port
   * @param needed what else of the process has to be ready for requests to be answered, by name
   */
  public static IngressService start(
      Platform platform,
      IngressConfig config,
      List<Consumer<HttpRouting.Builder>> extraRoutes,
      Map<String, BooleanSupplier> needed) {
    var clock = Clock.systemUTC();
    var ids = new Ids();
    var routes =
        new Routes(
            platform.catalog()::snapshot, platform.apiKeys(), ids, clock, platform.metrics());
    var files = new Files(platform.blobs(), ids, clock, config.sweeping().batchFileRetention());
    var producer = platform.kafka().producer("ingress");
    var disk = new DiskReserve(platform.blobs()::free, config.diskReserveBytes());
    platform.metrics().gauge("penstock.accept.disk.free.bytes", platform.blobs(), BlobStore::free);
    var surfaces = Surfaces.start(platform, config, producer, disk, clock);
    var fileRoutes = new FileRoutes(files, disk, config.fileBytesMax(), config.batchFileBytesMax());
    var catalog = new CatalogWriter(platform.kafka(), platform.catalog());
    var adminRoutes = new AdminRoutes(platform, catalog, producer, ids, clock);

    var batches =
        BatchesFeature.start(
            platform, config.advertised(), config.batches(), files, disk, ids, clock);
    var sweep = SweepJob.start(platform, config.sweeping(), files, batches.view(), clock);

    var health = new Health();
    health.require("replies", surfaces::ready);
    health.require("job-view", batches::ready);
    needed.forEach(health::require);
    var service =
        new IngressService(
            config,
            catalog,
            producer,
            surfaces,
            batches,
            sweep,
            listen(
                config,
                platform,
                health,
                () -> {
                  sweep.close();
                  batches.close();
                  surfaces.close();
                  catalog.close();
                  producer.close(PRODUCER_CLOSE_MAX);
                },
                routing -> {
                  surfaces.routes(routing, routes);
                  fileRoutes.routes(routing, routes);
                  batches.routes(routing, routes);
                  adminRoutes.routes(routing, routes);
                  extraRoutes.forEach(extra -> extra.accept(routing));
                  routing.any("/*", routes.notFound());
                }));
    LOG.atInfo()
        .addKeyValue(LogKeys.ADDRESS, config.host() + ":" + service.port())
        .log("ingress accepts requests");
    return service;
  }

  /** Opens the port; when it is taken, what has been started is closed again. */
  private static WebServer listen(
      IngressConfig config,
      Platform platform,
      Health health,
      Runnable undo,
      Consumer<HttpRouting.Builder> routes) {
    try {
      return Http.start(
          config.host(),
          config.port(),
          BODY_BYTES_UNLIMITED,
          health,
          platform.metrics(),
          Routes::broken,
          routes);
    } catch (RuntimeException e) {
      undo.run();
      throw e;
    }
  }

  /** Whether requests can be taken. */
  public boolean ready() {
    return surfaces.ready() && batches.ready();
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** Takes no more requests, lets the open ones end, then lets go of the log. */
  @Override
  public void close() {
    try {
      if (!surfaces.open().drain(config.shutdownGrace())) {
        LOG.atWarn()
            .addKeyValue(LogKeys.COUNT, surfaces.open().count())
            .log("requests were still open when the time to stop ran out");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop();
    sweep.close();
    batches.close();
    surfaces.close();
    catalog.close();
    producer.close(PRODUCER_CLOSE_MAX);
  }
}
