package io.penstock.standalone.broker;

import java.nio.file.Path;
import java.util.Properties;

/**
 * The settings that make one Kafka node quick to start, small, and complete without a second one.
 */
final class ServerSettings {
  static final int NODE_ID = 1;
  static final String CLIENT_LISTENER = "CLIENT";
  static final String CONTROLLER_LISTENER = "CONTROLLER";
  static final String ADDRESS = "127.0.0.1";

  private ServerSettings() {}

  /**
   * All settings of the node.
   *
   * @param log where Kafka keeps its data
   * @param self the user that the node is to itself; nobody else knows its password
   * @param client the user that all clients are
   */
  static Properties of(
      EmbeddedBrokerConfig config,
      Path log,
      int clientPort,
      int controllerPort,
      Credentials self,
      Credentials client) {
    var settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", String.valueOf(NODE_ID));
    settings.put("log.dirs", log.toString());
    listeners(settings, clientPort, controllerPort);
    security(settings, self, client);
    oneNode(settings, config.partitions());
    quick(settings);
    small(settings);
    settings.putAll(config.settings());
    return settings;
  }

  private static void listeners(Properties settings, int clientPort, int controllerPort) {
    var client = CLIENT_LISTENER + "://" + ADDRESS + ":" + clientPort;
    settings.put(
        "listeners", client + "," + CONTROLLER_LISTENER + "://" + ADDRESS + ":" + controllerPort);
    settings.put("advertised.listeners", client);
    settings.put("inter.broker.listener.name", CLIENT_LISTENER);
    settings.put("controller.listener.names", CONTROLLER_LISTENER);
    // A static voter may have another port at every start, which a voter stored in the log may not.
    settings.put("controller.quorum.voters", NODE_ID + "@" + ADDRESS + ":" + controllerPort);
  }

  /** Every local user can reach a port of 127.0.0.1, so both listeners want a password. */
  private static void security(Properties settings, Credentials self, Credentials client) {
    settings.put(
        "listener.security.protocol.map",
        CLIENT_LISTENER + ":SASL_PLAINTEXT," + CONTROLLER_LISTENER + ":SASL_PLAINTEXT");
    settings.put("sasl.enabled.mechanisms", "PLAIN");
    settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
    settings.put("sasl.mechanism.controller.protocol", "PLAIN");
    settings.put("listener.name.client.plain.sasl.jaas.config", self.accepting(client));
    settings.put("listener.name.controller.plain.sasl.jaas.config", self.accepting());
    settings.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    settings.put("allow.everyone.if.no.acl.found", "false");
    settings.put("super.users", "User:" + self.user() + ";User:" + client.user());
  }

  /** Kafka's own topics want three replicas by default; without these, transactions never start. */
  private static void oneNode(Properties settings, int partitions) {
    settings.put("num.partitions", String.valueOf(partitions));
    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("auto.create.topics.enable", "false");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "4");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "4");
    settings.put("message.max.bytes", String.valueOf(8 * 1024 * 1024));
    // Room for the bitmap of finished calls that workers keep beside their offsets.
    settings.put("offset.metadata.max.bytes", "32768");
  }

  private static void quick(Properties settings) {
    // After kill -9 the controller believes in the dead broker for one session; with the default
    // that is 9 s.
    settings.put("broker.session.timeout.ms", "1500");
    settings.put("broker.heartbeat.interval.ms", "200");
    // A transaction that follows another at once waits this long for the first one's markers; the
    // default is 20 ms.
    settings.put("add.partitions.to.txn.retry.backoff.ms", "1");
    settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("group.streams.initial.rebalance.delay.ms", "0");
    // After kill -9 a group waits for the sessions of its dead members; lets clients choose short
    // ones.
    settings.put("group.min.session.timeout.ms", "1000");
  }

  private static void small(Properties settings) {
    settings.put("log.cleaner.dedupe.buffer.size", "8388608");
    settings.put("log.segment.bytes", "134217728");
    // Two files of this size exist for each open segment; 512 KiB index 170 MiB.
    settings.put("log.index.size.max.bytes", "524288");
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("background.threads", "2");
    settings.put("num.recovery.threads.per.data.dir", "2");
    // An idle controller otherwise writes and syncs a record twice a second.
    settings.put("metadata.max.idle.interval.ms", "5000");
    settings.put("metric.reporters", "");
  }
}
