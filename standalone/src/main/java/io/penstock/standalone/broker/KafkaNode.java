package io.penstock.standalone.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.QuorumConfig;
import org.slf4j.LoggerFactory;

/**
 * Kafka's broker and controller, put together from their parts.
 *
 * <p>Kafka's own launcher ends the process on any failure. These classes are internal to Kafka: the
 * version is pinned, and nothing else of ours touches them.
 */
final class KafkaNode {
  private final ControllerServer controller;
  private final BrokerServer broker;

  private KafkaNode(ControllerServer controller, BrokerServer broker) {
    this.controller = controller;
    this.broker = broker;
  }

  /** Gives an empty directory the identity of a cluster; does nothing to one that has it. */
  static void format(Path log) throws Exception {
    if (Files.exists(log.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(log);
    new Formatter()
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8))
        .setNodeId(ServerSettings.NODE_ID)
        .setClusterId(Uuid.randomUuid().toString())
        .setControllerListenerName(ServerSettings.CONTROLLER_LISTENER)
        .setMetadataLogDirectory(log.toString())
        .setDirectories(List.of(log.toString()))
        .run();
  }

  /** Puts the parts together; {@link #start()} starts them. */
  static KafkaNode of(
      Properties settings, Map<String, ServerSocketChannel> listeners, Faults faults) {
    var config = new KafkaConfig(settings);
    var directories =
        KafkaRaftServer.initializeLogDirs(
            config, LoggerFactory.getLogger(KafkaRaftServer.class), "");
    var voters = QuorumConfig.parseVoterConnections(config.quorumConfig().voters());
    var sockets = new ConcurrentHashMap<>(listeners);
    var shared =
        new SharedServer(
            config,
            directories._1(),
            Time.SYSTEM,
            new Metrics(),
            CompletableFuture.completedFuture(voters),
            QuorumConfig.parseBootstrapServers(config.quorumConfig().bootstrapServers()),
            faults,
            (listener, address, _, _) -> take(sockets, listener, address));
    var controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), directories._2());
    return new KafkaNode(controller, new BrokerServer(shared));
  }

  /** Returns when clients are served. */
  void start() {
    controller.startup();
    broker.startup();
  }

  /** Stops the broker first: leaving in order needs the controller. */
  void stop(Duration timeout) {
    broker.shutdown(timeout);
    controller.shutdown();
  }

  private static ServerSocketChannel take(
      Map<String, ServerSocketChannel> sockets, String listener, InetSocketAddress address)
      throws IOException {
    var socket = sockets.remove(listener);
    if (socket == null) {
      throw new IOException("No socket was bound for listener " + listener + " at " + address);
    }
    return socket;
  }
}
