package io.penstock.benchmarks;

import io.penstock.platform.catalog.CatalogReader;
import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.KafkaSettings;
import io.penstock.platform.kafka.TopicAdmin;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.standalone.broker.EmbeddedBroker;
import io.penstock.standalone.broker.EmbeddedBrokerConfig;
import io.penstock.standalone.node.Installation;
import io.penstock.standalone.registry.RegistryConfig;
import io.penstock.standalone.registry.RegistryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A broker and a registry in this process, workers in processes of their own. */
final class WorkerStage implements AutoCloseable {

  static final int PARTITIONS = 6;
  private static final Duration START_MAX = Duration.ofSeconds(60);

  private final Path data;
  private final RegistryProcess registry;
  private final EmbeddedBroker broker;
  private final KafkaSettings settings;
  private final KafkaClients clients;
  private final List<Process> workers = new ArrayList<>();

  private WorkerStage(Path data, RegistryProcess registry, EmbeddedBroker broker) {
    this.data = data;
    this.registry = registry;
    this.broker = broker;
    var client = new HashMap<>(broker.clientProperties());
    client.remove("bootstrap.servers");
    this.settings =
        new KafkaSettings(
            broker.bootstrapServers(),
            client,
            Topics.DEFAULT_PREFIX,
            PARTITIONS,
            (short) 1,
            registry.url(),
            Map.of());
    this.clients = new KafkaClients(settings);
  }

  /** Starts with one pool in the catalogue. */
  static WorkerStage open(Path data, PoolEntry pool) throws IOException, InterruptedException {
    var installation = Installation.find();
    var registry =
        RegistryProcess.start(
            new RegistryConfig(
                data.resolve("registry"),
                installation.registry(),
                0,
                installation.registryCache()));
    var broker = EmbeddedBroker.start(EmbeddedBrokerConfig.of(data.resolve("kafka")));
    registry.awaitReady(START_MAX);
    var stage = new WorkerStage(data, registry, broker);
    stage.prepare(pool);
    return stage;
  }

  KafkaClients clients() {
    return clients;
  }

  private void prepare(PoolEntry pool) throws InterruptedException {
    try (var admin = clients.admin();
        var catalog = CatalogReader.start(clients, "benchmark-catalog")) {
      TopicAdmin.ensure(admin, settings, clients.topics().fixed());
      TopicAdmin.ensure(admin, settings, clients.topics().ofPool(pool.getName()));
      clients.serdes().register(clients.topics());
      catalog.awaitCurrent(admin, START_MAX);
      try (var writer = new CatalogWriter(clients, catalog)) {
        writer.write(
            List.of(
                new CatalogWriter.Change.Put(
                    new CatalogEntry("pool", pool.getName(), 1L, null, Instant.now(), pool), 0)));
      }
    }
  }

  /** Starts a worker of this name, with further options of its virtual machine. */
  Process startWorker(String node, String... options) throws IOException {
    var file = new StringBuilder("node: ").append(node);
    file.append("\nblob-directory: ").append(data.resolve("blobs"));
    file.append("\nstate-directory: ").append(data.resolve(node));
    file.append("\npepper: file:")
        .append(Files.writeString(data.resolve("pepper"), "nobody signs in to a benchmark"));
    file.append("\nkafka:\n  bootstrap-servers: ").append(settings.bootstrapServers());
    file.append("\n  partitions: ").append(PARTITIONS);
    file.append("\n  replication-factor: 1\n  client:\n");
    settings
        .client()
        .forEach(
            (key, value) ->
                file.append("    ")
                    .append(key)
                    .append(": '")
                    .append(value.replace("'", "''"))
                    .append("'\n"));
    file.append("registry:\n  url: ").append(settings.registryUrl()).append('\n');
    var config = Files.writeString(data.resolve(node + ".yaml"), file);
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-Dpenstock.log=WARN",
            "-cp",
            System.getProperty("java.class.path"),
            "io.penstock.worker.Main",
            config.toString()));
    var worker = new ProcessBuilder(command).inheritIO().start();
    workers.add(worker);
    return worker;
  }

  @Override
  public void close() {
    workers.forEach(Process::destroy);
    for (var worker : workers) {
      worker.onExit().join();
    }
    broker.close();
    registry.close();
  }
}
