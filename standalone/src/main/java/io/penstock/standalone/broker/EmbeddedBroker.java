package io.penstock.standalone.broker;

import io.penstock.standalone.data.LoopbackPort;
import io.penstock.standalone.data.OwnedDirectory;
import io.penstock.standalone.data.StartupException;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker in this process whose topics survive {@link #close()} and kill -9.
 *
 * <p>It listens on 127.0.0.1 only and knows one user; {@link #clientProperties()} is what a client
 * needs. One per process, as Kafka's exit procedures are global. Safe to use from any thread.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

  private static final String STATE_FILE = "broker.properties";
  private static final String CLIENT_FILE = "client.properties";
  private static final String CLIENT_USER = "penstock";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private final OwnedDirectory directory;
  private final Map<String, String> clientProperties;
  private final KafkaNode node;
  private final Faults faults;
  private boolean closed;

  private EmbeddedBroker(
      OwnedDirectory directory,
      Map<String, String> clientProperties,
      KafkaNode node,
      Faults faults) {
    this.directory = directory;
    this.clientProperties = Map.copyOf(clientProperties);
    this.node = node;
    this.faults = faults;
  }

  /** Starts the broker; a later failure is only logged. */
  public static EmbeddedBroker start(EmbeddedBrokerConfig config) {
    return start(config, _ -> {});
  }

  /**
   * Starts the broker and returns when clients are served.
   *
   * @param onFatal told when the running broker cannot go on
   * @throws StartupException when it cannot start; the message says what to do
   */
  public static EmbeddedBroker start(EmbeddedBrokerConfig config, FatalListener onFatal) {
    var directory = OwnedDirectory.claim(config.directory());
    try {
      return start(config, directory, onFatal);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /**
   * What a client in another process needs to reach the broker of a data directory, as {@link
   * #clientProperties()}.
   *
   * @throws StartupException when no broker was ever started there, or the directory is not the
   *     caller's
   */
  public static Map<String, String> clientProperties(Path directory) {
    var properties = OwnedDirectory.read(directory.resolve(CLIENT_FILE));
    if (properties.isEmpty()) {
      throw new StartupException(
          "No broker was ever started in "
              + directory
              + ": run penstock up first, or give its --data.");
    }
    var client = new LinkedHashMap<String, String>();
    properties
        .stringPropertyNames()
        .forEach(name -> client.put(name, properties.getProperty(name)));
    return client;
  }

  private static EmbeddedBroker start(
      EmbeddedBrokerConfig config, OwnedDirectory directory, FatalListener onFatal) {
    var state = directory.read(STATE_FILE);
    refuseNewer(state, directory.path());
    var self = Credentials.random("broker");
    var password = state.getProperty("password");
    var client =
        password == null ? Credentials.random(CLIENT_USER) : new Credentials(CLIENT_USER, password);

    var lastPort = Integer.parseInt(state.getProperty("port", "0"));
    var clientSocket = LoopbackPort.bind(config.port(), lastPort, "Kafka clients");
    var controllerSocket = LoopbackPort.bind(0, 0, "the Kafka controller");
    var sockets =
        Map.of(
            ServerSettings.CLIENT_LISTENER,
            clientSocket,
            ServerSettings.CONTROLLER_LISTENER,
            controllerSocket);
    try {
      var clientPort = LoopbackPort.of(clientSocket);
      remember(directory, state, clientPort, client);
      var log = directory.path().resolve("log");
      var settings =
          ServerSettings.of(
              config, log, clientPort, LoopbackPort.of(controllerSocket), self, client);
      return run(directory, log, settings, sockets, onFatal);
    } catch (RuntimeException e) {
      sockets.values().forEach(EmbeddedBroker::closeQuietly);
      throw e;
    }
  }

  /** Kafka reads logs of older versions, and fails halfway through those of newer ones. */
  private static void refuseNewer(Properties state, Path directory) {
    var supported = MetadataVersion.latestProduction().featureLevel();
    var found = Short.parseShort(state.getProperty("metadata.version", String.valueOf(supported)));
    if (found > supported) {
      throw new StartupException(
          "The data directory "
              + directory
              + " was written by a newer version (metadata "
              + found
              + ", this one knows "
              + supported
              + "): run the newer version, or choose another directory with --data.");
    }
  }

  private static void remember(
      OwnedDirectory directory, Properties state, int port, Credentials client) {
    state.setProperty("port", String.valueOf(port));
    state.setProperty("password", client.password());
    state.putIfAbsent(
        "metadata.version", String.valueOf(MetadataVersion.latestProduction().featureLevel()));
    directory.write(STATE_FILE, state);

    var properties = new Properties();
    properties.setProperty("bootstrap.servers", ServerSettings.ADDRESS + ":" + port);
    properties.setProperty("security.protocol", "SASL_PLAINTEXT");
    properties.setProperty("sasl.mechanism", "PLAIN");
    properties.setProperty("sasl.jaas.config", client.login());
    directory.write(CLIENT_FILE, properties);
  }

  private static EmbeddedBroker run(
      OwnedDirectory directory,
      Path log,
      Properties settings,
      Map<String, ServerSocketChannel> sockets,
      FatalListener onFatal) {
    var began = System.nanoTime();
    var started = new CompletableFuture<@Nullable Void>();
    var faults =
        new Faults(
            reason -> {
              if (!started.completeExceptionally(new IllegalStateException(reason))) {
                onFatal.brokerFailed(reason);
              }
            });
    faults.takeOverExit();
    KafkaNode node;
    try {
      KafkaNode.format(log);
      node = KafkaNode.of(settings, sockets, faults);
    } catch (Exception e) {
      faults.release();
      throw notStarted(directory.path(), e);
    }
    var broker = new EmbeddedBroker(directory, clientProperties(directory.path()), node, faults);
    try {
      // On a thread of its own, because a fault may leave the start-up waiting for what will never
      // come.
      Thread.ofPlatform().daemon().name("broker-start").start(() -> startUp(node, started));
      started.get(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      broker.close();
      throw notStarted(directory.path(), e.getCause());
    } catch (TimeoutException e) {
      broker.close();
      throw notStarted(directory.path(), e);
    } catch (InterruptedException e) {
      broker.close();
      Thread.currentThread().interrupt();
      throw notStarted(directory.path(), e);
    }
    LOG.atInfo()
        .addKeyValue("bootstrapServers", broker.bootstrapServers())
        .addKeyValue("milliseconds", Duration.ofNanos(System.nanoTime() - began).toMillis())
        .log("Broker ready");
    return broker;
  }

  private static void startUp(KafkaNode node, CompletableFuture<@Nullable Void> started) {
    try {
      node.start();
      started.complete(null);
    } catch (Throwable e) {
      started.completeExceptionally(e);
    }
  }

  private static StartupException notStarted(Path directory, @Nullable Throwable cause) {
    var root = cause;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return new StartupException(
        "The broker in " + directory + " did not start: " + root + ". The log above says more.",
        cause);
  }

  /** Host and port for {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return clientProperties.getOrDefault("bootstrap.servers", "");
  }

  /**
   * What every client must be given: {@code bootstrap.servers}, {@code security.protocol} and
   * {@code sasl.*}. Holds the password.
   */
  public Map<String, String> clientProperties() {
    return clientProperties;
  }

  /**
   * Stops in order, within 20 s; what takes longer is left behind as after kill -9, which the next
   * start repairs.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    faults.silence();
    var stopping =
        Thread.ofPlatform()
            .daemon()
            .name("broker-stop")
            .start(() -> node.stop(STOP_TIMEOUT.dividedBy(2)));
    try {
      if (!stopping.join(STOP_TIMEOUT)) {
        LOG.atWarn()
            .addKeyValue("seconds", STOP_TIMEOUT.toSeconds())
            .log("Broker did not stop in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    faults.release();
    directory.close();
  }

  private static void closeQuietly(ServerSocketChannel socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("Socket did not close");
    }
  }
}
