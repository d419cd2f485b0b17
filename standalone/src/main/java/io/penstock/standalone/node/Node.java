package io.penstock.standalone.node;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.billing.BillingService;
import io.penstock.ingress.IngressService;
import io.penstock.ingress.catalog.CatalogFile;
import io.penstock.platform.Platform;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.CatalogReader;
import io.penstock.platform.id.Ids;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.KafkaSettings;
import io.penstock.platform.kafka.TopicAdmin;
import io.penstock.router.RouterService;
import io.penstock.schemas.Topics;
import io.penstock.standalone.broker.EmbeddedBroker;
import io.penstock.standalone.broker.EmbeddedBrokerConfig;
import io.penstock.standalone.broker.FatalListener;
import io.penstock.standalone.data.LoopbackPort;
import io.penstock.standalone.data.OwnedDirectory;
import io.penstock.standalone.data.StartupException;
import io.penstock.standalone.registry.RegistryConfig;
import io.penstock.standalone.registry.RegistryProcess;
import io.penstock.worker.WorkerService;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything in one process: a real broker, a registry beside it, the four services in the order of
 * the flow. What survives a restart is below one data directory. Close it once; a second close does
 * nothing.
 */
public final class Node implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration START_MAX = Duration.ofMinutes(3);
  private static final Duration READY_POLL = Duration.ofMillis(20);
  private static final int PARTITIONS = 6;
  private static final String HOST = "127.0.0.1";
  private static final String NAME = "one";

  private final Deque<AutoCloseable> open;
  private final Platform platform;
  private final String adminKey;
  private final URI url;

  private Node(Deque<AutoCloseable> open, Platform platform, String adminKey, URI url) {
    this.open = open;
    this.platform = platform;
    this.adminKey = adminKey;
    this.url = url;
  }

  /** Starts all of it; that the broker cannot go on is only logged. */
  public static Node start(NodeConfig config) throws IOException, InterruptedException {
    return start(config, _ -> {});
  }

  /**
   * Starts all of it and returns when it takes requests.
   *
   * @param onFatal told, even before this returns, when the broker cannot go on: then nothing that
   *     is asked for ever ends well, and the process had better end
   * @throws StartupException when something is in the way; its one line says what to do
   */
  public static Node start(NodeConfig config, FatalListener onFatal)
      throws IOException, InterruptedException {
    var open = new ArrayDeque<AutoCloseable>();
    try {
      return start(config, onFatal, open);
    } catch (IOException | InterruptedException | RuntimeException e) {
      closeAll(open);
      throw e;
    }
  }

  private static Node start(NodeConfig config, FatalListener onFatal, Deque<AutoCloseable> open)
      throws IOException, InterruptedException {
    // what is wrong with what was typed is told before anything is started
    var settings = ServiceSettings.of(config.settings());
    var data = opened(open, OwnedDirectory.claim(config.data()));
    var secrets = Secrets.of(data);
    check(config, secrets);
    var kafka = opened(open, log(config, onFatal));
    var clients = new KafkaClients(kafka.settings());
    var topics = clients.topics();
    try (var admin = clients.admin()) {
      TopicAdmin.ensure(admin, clients.settings(), topics.fixed());
      clients.serdes().register(topics);
      var catalog = opened(open, CatalogReader.start(clients, "catalog"));
      if (!catalog.awaitCurrent(admin, START_MAX)) {
        throw new StartupException(
            "The catalogue could not be read within "
                + START_MAX.toSeconds()
                + " s: see the log above.");
      }
      var platform =
          new Platform(
              NAME,
              new Ids().next(NAME + "-", Instant.now()),
              clients,
              catalog,
              new ApiKeys(secrets.pepper()),
              new LocalBlobStore(data.path().resolve("blobs")),
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
              data.path().resolve("streams"));
      new FirstCatalog(platform).publish(secrets.adminKey(), config.catalog());
      for (var pool : catalog.snapshot().pools()) {
        TopicAdmin.ensure(admin, clients.settings(), topics.ofPool(pool.getName()));
      }
      return serve(config, settings, open, data, platform, secrets);
    }
  }

  private static void check(NodeConfig config, Secrets secrets) throws IOException {
    if (config.port() != 0) {
      LoopbackPort.bind(config.port(), 0, "the HTTP API (--port)").close();
    }
    if (config.catalog() != null) {
      CatalogFile.parse(config.catalog(), new ApiKeys(secrets.pepper())::hash);
    }
  }

  /**
   * From the end of the flow to its beginning, so that nobody is asked before those it needs are
   * there.
   */
  private static Node serve(
      NodeConfig config,
      ServiceSettings settings,
      Deque<AutoCloseable> open,
      OwnedDirectory data,
      Platform platform,
      Secrets secrets)
      throws IOException, InterruptedException {
    var ingressConfig = settings.ingress().at(HOST, config.port());
    var billing =
        opened(
            open, BillingService.start(platform, settings.billing(), ingressConfig.advertised()));
    var worker = opened(open, WorkerService.start(platform, settings.worker()));
    var router = opened(open, RouterService.start(platform, settings.router()));
    var ingress =
        opened(
            open,
            IngressService.start(
                platform,
                ingressConfig,
                List.of(billing::routes),
                Map.of("router", router::ready)));
    await("billing", billing::ready);
    await("workers", worker::ready);
    await("router", router::ready);
    var url = URI.create("http://" + HOST + ":" + ingress.port());
    await("ingress", new ReadinessProbe(url));
    Endpoint.write(data, url);
    LOG.atInfo().addKeyValue("address", url).log("ready");
    return new Node(open, platform, secrets.adminKey(), url);
  }

  /** The broker, with the registry starting beside it. */
  private record Log(RegistryProcess registry, EmbeddedBroker broker) implements AutoCloseable {

    KafkaSettings settings() {
      var client = new HashMap<>(broker.clientProperties());
      client.remove("bootstrap.servers");
      return new KafkaSettings(
          broker.bootstrapServers(),
          client,
          Topics.DEFAULT_PREFIX,
          PARTITIONS,
          (short) 1,
          registry.url(),
          Map.of());
    }

    @Override
    public void close() {
      registry.close();
      broker.close();
    }
  }

  private static Log log(NodeConfig config, FatalListener onFatal) {
    var installation = Installation.find();
    var registry =
        RegistryProcess.start(
            new RegistryConfig(
                config.data().resolve("registry"),
                installation.registry(),
                0,
                installation.registryCache()));
    try {
      var broker =
          EmbeddedBroker.start(EmbeddedBrokerConfig.of(config.data().resolve("kafka")), onFatal);
      try {
        registry.awaitReady(START_MAX);
        return new Log(registry, broker);
      } catch (RuntimeException e) {
        broker.close();
        throw e;
      }
    } catch (RuntimeException e) {
      registry.close();
      throw e;
    }
  }

  private static void await(String what, BooleanSupplier ready) throws InterruptedException {
    var deadline = System.nanoTime() + START_MAX.toNanos();
    while (!ready.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new StartupException(
            "The "
                + what
                + " did not become ready within "
                + START_MAX.toSeconds()
                + " s: see the log above.");
      }
      Thread.sleep(READY_POLL);
    }
  }

  private static <T extends AutoCloseable> T opened(Deque<AutoCloseable> open, T part) {
    open.push(part);
    return part;
  }

  /** Address of the HTTP API. */
  public URI url() {
    return url;
  }

  /** Secret of the administrator's API key. */
  public String adminKey() {
    return adminKey;
  }

  /** What the services share: for the commands and tests that look inside. */
  public Platform platform() {
    return platform;
  }

  /** Stops in the reverse order of the start: no new requests, running calls end, then the log. */
  @Override
  public void close() {
    closeAll(open);
  }

  private static void closeAll(Deque<AutoCloseable> open) {
    synchronized (open) {
      while (!open.isEmpty()) {
        var part = open.pop();
        try {
          part.close();
        } catch (Exception e) {
          LOG.atWarn().setCause(e).log("a part did not stop as it should, going on with the next");
        }
      }
    }
  }
}
