package io.penstock.standalone.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.standalone.data.LoopbackPort;
import io.penstock.standalone.data.OwnedDirectory;
import io.penstock.standalone.data.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerRestartTest {
  @TempDir private Path directory;

  @Test
  void recordsSurviveKillMinusNineAndAnOrderlyStop() throws Exception {
    Map<String, String> properties;
    try (var process = BrokerProcess.start(directory)) {
      properties = EmbeddedBroker.clientProperties(directory);
      try (var admin = Admin.create(new HashMap<>(properties))) {
        admin.createTopics(List.of(new NewTopic("log", 1, (short) 1))).all().get();
      }
      produce(properties, "before kill -9");
      assertThatThrownBy(() -> EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory)))
          .isInstanceOf(StartupException.class)
          .hasMessageMatching(
              "The data directory .* is in use by process \\d+: stop it, or choose another one with --data\\.");

      process.kill();
    }

    var killed = System.nanoTime();
    try (var broker = EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory))) {
      assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(8));
      assertThat(broker.clientProperties()).as("same port, same password").isEqualTo(properties);
      produce(properties, "before close");
      assertThatThrownBy(() -> EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory)))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("is in use by process " + ProcessHandle.current().pid());
    }
    try (var _ = EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory))) {
      assertThat(read(properties)).containsExactly("before kill -9", "before close");
    }
  }

  @Test
  void aTakenPortIsRefusedWhenItWasAskedForAndAvoidedWhenNot() throws Exception {
    try (var other = LoopbackPort.bind(0, 0, "another program")) {
      var port = LoopbackPort.of(other);
      assertThatThrownBy(
              () -> EmbeddedBroker.start(new EmbeddedBrokerConfig(directory, port, 1, Map.of())))
          .isInstanceOf(StartupException.class)
          .hasMessage(
              "Port "
                  + port
                  + " for Kafka clients is taken: stop what listens there, or choose another port.");

      try (var owned = OwnedDirectory.claim(directory)) {
        var state = new Properties();
        state.setProperty("port", String.valueOf(port));
        owned.write("broker.properties", state);
      }
      try (var broker = EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory))) {
        assertThat(broker.bootstrapServers()).startsWith("127.0.0.1:").doesNotEndWith(":" + port);
      }
    }
  }

  @Test
  void theDataOfANewerVersionIsRefused() {
    try (var owned = OwnedDirectory.claim(directory)) {
      var state = new Properties();
      state.setProperty("metadata.version", "999");
      owned.write("broker.properties", state);
    }

    assertThatThrownBy(() -> EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory)))
        .isInstanceOf(StartupException.class)
        .hasMessageMatching(
            "The data directory .* was written by a newer version \\(metadata 999, this one knows \\d+\\): "
                + "run the newer version, or choose another directory with --data\\.");
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsRefused() throws Exception {
    var file = Files.writeString(directory.resolve("file"), "", UTF_8);

    assertThatThrownBy(() -> EmbeddedBroker.start(EmbeddedBrokerConfig.of(file.resolve("data"))))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("Cannot write to the data directory " + file.resolve("data"))
        .hasMessageEndingWith("choose one that you own with --data.");
  }

  @Test
  void aDamagedLogIsAnExceptionAndNotTheEndOfTheProcess() throws Exception {
    try (var _ = EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory))) {
      // only to have a log
    }
    Files.writeString(
        directory.resolve("log/meta.properties"),
        "version=1\nnode.id=5\ncluster.id=other\n",
        UTF_8);

    assertThatThrownBy(() -> EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory)))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("The broker in " + directory.toRealPath() + " did not start: ");
    try (var _ = OwnedDirectory.claim(directory)) {
      assertThat(directory).as("free again").exists();
    }
  }

  @Test
  void aDiskThatFailsIsToldToTheListenerAndNotTheEndOfTheProcess() throws Exception {
    var reasons = new CopyOnWriteArrayList<String>();
    try (var broker = EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory), reasons::add);
        var admin = Admin.create(new HashMap<>(broker.clientProperties()))) {
      Files.move(directory.resolve("log"), directory.resolve("moved"));
      Files.writeString(directory.resolve("log"), "in the way");

      admin.createTopics(List.of(new NewTopic("log", 1, (short) 1)));

      await().untilAsserted(() -> assertThat(reasons).hasSize(1));
      assertThat(reasons.getFirst()).startsWith("Kafka asked to halt with status 1");
    }
    try (var _ = OwnedDirectory.claim(directory)) {
      assertThat(directory).as("closed all the same").exists();
    }
  }

  @Test
  void aDirectoryWithoutABrokerHasNoClientProperties() {
    assertThatThrownBy(() -> EmbeddedBroker.clientProperties(directory))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "No broker was ever started in "
                + directory
                + ": run penstock up first, or give its --data.");
  }

  private static void produce(Map<String, String> properties, String value) throws Exception {
    try (var producer =
        new KafkaProducer<>(
            new HashMap<String, Object>(properties),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(new ProducerRecord<>("log", value)).get();
    }
  }

  private static List<String> read(Map<String, String> properties) {
    var settings = new HashMap<String, Object>(properties);
    settings.put("auto.offset.reset", "earliest");
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      var partition = new TopicPartition("log", 0);
      consumer.assign(List.of(partition));
      return consumer.poll(Duration.ofSeconds(10)).records(partition).stream()
          .map(record -> record.value())
          .toList();
    }
  }
}
