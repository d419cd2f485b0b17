package io.penstock.platform.service;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.platform.Platform;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.CatalogReader;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import io.penstock.platform.http.Health;
import io.penstock.platform.http.Http;
import io.penstock.platform.id.Ids;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.KafkaSettings;
import io.penstock.platform.kafka.TopicAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every service's {@code main} does: read the configuration, build the platform, start, wait
 * for SIGTERM, close in reverse. All services may share one file; each reads the common sections
 * and its own.
 */
public final class ServiceMain {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceMain.class);
  private static final List<String> SERVICES = List.of("ingress", "router", "worker", "billing");
  private static final Duration START_MAX = Duration.ofMinutes(2);
  private static final long BODY_BYTES_MAX = 1 << 20;

  private ServiceMain() {}

  /** A started service. */
  public record Started(AutoCloseable service, BooleanSupplier ready) {}

  /**
   * Starts a service.
   *
   * @param <C> its settings
   */
  @FunctionalInterface
  public interface Starter<C> {
    Started start(Platform platform, C config) throws IOException, InterruptedException;
  }

  /**
   * Runs until the process is told to stop.
   *
   * @param name of the service and of its section
   * @param arguments path of the configuration file, else {@code PENSTOCK_CONFIG}
   * @param config reads the service's own section; nothing is started before the whole file is good
   */
  public static <C> void run(
      String name, String[] arguments, Function<Section, C> config, Starter<C> starter) {
    try {
      var file = arguments.length > 0 ? arguments[0] : System.getenv("PENSTOCK_CONFIG");
      if (file == null) {
        throw new ConfigException(
            "which configuration? give its path as the argument or in PENSTOCK_CONFIG");
      }
      serve(name, Section.parse(Files.readString(Path.of(file))), config, starter);
    } catch (ConfigException | IllegalStateException e) {
      System.err.println("penstock " + name + ": " + e.getMessage());
      System.exit(1);
    } catch (IOException e) {
      System.err.println("penstock " + name + ": cannot read the configuration: " + e.getMessage());
      System.exit(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      System.exit(1);
    }
  }

  private static <C> void serve(
      String name, Section root, Function<Section, C> config, Starter<C> starter)
      throws IOException, InterruptedException {
    var kafka = KafkaSettings.of(root);
    var node = root.text("node", System.getenv().getOrDefault("HOSTNAME", name));
    var blobs = Path.of(root.requiredText("blob-directory"));
    var state = Path.of(root.requiredText("state-directory"));
    var pepper = root.secretOrNull("pepper");
    if (pepper == null) {
      root.error(
          "pepper",
          "is required: the secret under which API keys are hashed, as env:NAME or file:PATH");
    }
    var health = root.section("health");
    var healthHost = health.text("host", "127.0.0.1");
    var healthPort = (int) health.number("port", 0, 0, 65_535);
    for (var service : SERVICES) {
      if (!service.equals(name)) {
        root.ignore(service);
      }
    }
    var own = config.apply(root.section(name));
    root.finish();

    var clients = new KafkaClients(kafka);
    try (var admin = clients.admin();
        var catalog = CatalogReader.start(clients, "catalog-" + name)) {
      // the parts of a composition start in any order
      Patience.until(START_MAX, () -> TopicAdmin.ensure(admin, kafka, clients.topics().fixed()));
      Patience.until(START_MAX, () -> clients.serdes().register(clients.topics()));
      if (!catalog.awaitCurrent(admin, START_MAX)) {
        throw new IllegalStateException(
            "the catalogue could not be read within " + START_MAX.toSeconds() + " s");
      }
      var platform =
          new Platform(
              node,
              new Ids().next(node + "-", Instant.now()),
              clients,
              catalog,
              new ApiKeys(pepper == null ? "" : pepper.resolve()),
              new LocalBlobStore(blobs),
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
              state);
      var started = starter.start(platform, own);
      var checks = new Health();
      checks.require(name, started.ready());
      var server =
          Http.start(
              healthHost, healthPort, BODY_BYTES_MAX, checks, platform.metrics(), routes -> {});
      LOG.atInfo()
          .addKeyValue("service", name)
          .addKeyValue("healthPort", server.port())
          .log("started");
      awaitStop(started.service());
      server.stop();
    }
  }

  /** Returns when the service is closed, which the first SIGTERM or SIGINT does. */
  private static void awaitStop(AutoCloseable service) throws InterruptedException {
    var closed = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(
                    () -> {
                      try {
                        service.close();
                      } catch (Exception e) {
                        LOG.atError().setCause(e).log("the service did not stop as it should");
                      } finally {
                        closed.countDown();
                      }
                    }));
    closed.await();
  }
}
