package io.penstock.standalone.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
  @TempDir private static Path directory;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void start() {
    broker = EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void aTransactionCommitsItsRecordsAndOffsetsTogether() throws Exception {
    create("transactions");

    try (var producer = producer(Map.of("transactional.id", "one"));
        var consumer = consumer()) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("transactions", 0, null, bytes("aborted"))).get();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("transactions", 0, null, bytes("committed"))).get();
      producer.sendOffsetsToTransaction(
          Map.of(
              new TopicPartition("transactions", 0), new OffsetAndMetadata(7, "x".repeat(30_000))),
          consumer.groupMetadata());
      producer.commitTransaction();
    }

    assertThat(read("transactions")).containsExactly("committed");
    try (var admin = admin(broker.clientProperties())) {
      var offsets = admin.listConsumerGroupOffsets("group").partitionsToOffsetAndMetadata().get();
      assertThat(offsets.values()).extracting(OffsetAndMetadata::offset).containsExactly(7L);
    }
  }

  @Test
  void aRecordOfSevenMegabytesIsAccepted() throws Exception {
    create("large");

    try (var producer = producer(Map.of("max.request.size", "8388608"))) {
      producer.send(new ProducerRecord<>("large", new byte[7 * 1024 * 1024])).get();
    }
  }

  @Test
  void aTopicIsNotCreatedByUsingIt() {
    try (var producer = producer(Map.of("max.block.ms", "1500"))) {
      assertThatThrownBy(() -> producer.send(new ProducerRecord<>("misspelt", bytes("x"))).get())
          .hasMessageContaining("misspelt not present in metadata");
    }
    try (var admin = admin(broker.clientProperties())) {
      assertThatThrownBy(() -> admin.describeTopics(List.of("misspelt")).allTopicNames().get())
          .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }
  }

  @Test
  void aClientWithAnotherPasswordIsRefused() {
    var properties = new HashMap<>(broker.clientProperties());
    properties.put("sasl.jaas.config", new Credentials("penstock", "guess").login());

    try (var admin = admin(properties)) {
      assertThatThrownBy(() -> admin.describeCluster().clusterId().get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void aClientWithoutPasswordIsRefused() {
    var properties =
        Map.of(
            "bootstrap.servers", broker.bootstrapServers(),
            "request.timeout.ms", "1000",
            "default.api.timeout.ms", "1500");

    try (var admin = admin(properties)) {
      assertThatThrownBy(() -> admin.describeCluster().clusterId().get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
    }
  }

  @Test
  void onlyTheOwnerCanReadTheData() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    for (var file : List.of("broker.properties", "client.properties")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void anotherProcessFindsAllItNeedsInTheDirectory() throws Exception {
    var properties = EmbeddedBroker.clientProperties(directory);

    assertThat(properties).isEqualTo(broker.clientProperties());
    try (var admin = admin(properties)) {
      assertThat(admin.describeCluster().nodes().get()).hasSize(1);
    }
  }

  private static void create(String topic) throws Exception {
    try (var admin = admin(broker.clientProperties())) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  private static Admin admin(Map<String, String> properties) {
    return Admin.create(new HashMap<>(properties));
  }

  private static KafkaProducer<byte[], byte[]> producer(Map<String, String> more) {
    var properties = new Properties();
    properties.putAll(broker.clientProperties());
    properties.putAll(more);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static KafkaConsumer<byte[], byte[]> consumer() {
    var properties = new Properties();
    properties.putAll(broker.clientProperties());
    properties.put("group.id", "group");
    properties.put("enable.auto.commit", "false");
    properties.put("isolation.level", "read_committed");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static List<String> read(String topic) {
    try (var consumer = consumer()) {
      var partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      var records = consumer.poll(Duration.ofSeconds(10)).records(partition);
      return records.stream().map(record -> new String(record.value(), UTF_8)).toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
