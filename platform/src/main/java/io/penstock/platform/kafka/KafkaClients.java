package io.penstock.platform.kafka;

import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Makes every Kafka client of a process. What is decided here once: acks from all replicas, no
 * lingering (Streams would wait 100 ms, a producer 5), and the installation's own client settings
 * on top. Thread-safe.
 */
public final class KafkaClients {

  private static final int REQUEST_BYTES_MAX = 4 << 20;

  private final KafkaSettings settings;
  private final Topics topics;
  private final RecordSerdes serdes;

  public KafkaClients(KafkaSettings settings) {
    this(settings, RecordSerdes.of(settings.registryUrl(), settings.registryClient()));
  }

  public KafkaClients(KafkaSettings settings, RecordSerdes serdes) {
    this.settings = settings;
    this.topics = new Topics(settings.topicPrefix());
    this.serdes = serdes;
  }

  public KafkaSettings settings() {
    return settings;
  }

  public Topics topics() {
    return topics;
  }

  public RecordSerdes serdes() {
    return serdes;
  }

  public Admin admin() {
    return Admin.create(common("admin"));
  }

  /** An idempotent producer of any record of the catalogue; keys are texts. */
  public KafkaProducer<String, SpecificRecord> producer(String clientId) {
    return new KafkaProducer<>(
        producerSettings(clientId), new StringSerializer(), serdes.serializer());
  }

  /** A transactional producer: a newer one of the same id fences the older. */
  public KafkaProducer<String, SpecificRecord> transactionalProducer(
      String clientId, String transactionalId) {
    var configuration = producerSettings(clientId);
    configuration.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    return new KafkaProducer<>(configuration, new StringSerializer(), serdes.serializer());
  }

  /**
   * A consumer that never commits by itself.
   *
   * @param overrides further settings, in Kafka's names ({@code group.id}, …)
   */
  public <T extends SpecificRecord> KafkaConsumer<String, T> consumer(
      String clientId, IsolationLevel isolation, Class<T> type, Map<String, ?> overrides) {
    return new KafkaConsumer<>(
        consumerSettings(clientId, isolation, overrides),
        new StringDeserializer(),
        serdes.deserializer(type));
  }

  /**
   * A consumer of records as bytes, for a reader that handles what it cannot decode; it never
   * commits by itself.
   *
   * @param overrides further settings, in Kafka's names ({@code group.id}, …)
   */
  public KafkaConsumer<byte[], byte[]> bytesConsumer(
      String clientId, IsolationLevel isolation, Map<String, ?> overrides) {
    return new KafkaConsumer<>(
        consumerSettings(clientId, isolation, overrides),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private Map<String, Object> consumerSettings(
      String clientId, IsolationLevel isolation, Map<String, ?> overrides) {
    var configuration = common(clientId);
    configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    configuration.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    configuration.put(
        ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation.toString().toLowerCase(Locale.ROOT));
    configuration.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    configuration.putAll(overrides);
    return configuration;
  }

  /**
   * Settings of a Kafka Streams application: exactly-once, low latency, one bad record does not
   * stop it, and a registry that is away loses none.
   *
   * @param applicationId without the topic prefix, which is put before it
   * @param stateDirectory where its stores live
   * @param overrides further settings, in Kafka's names
   */
  public Properties streams(String applicationId, Path stateDirectory, Map<String, ?> overrides) {
    var configuration = new Properties();
    configuration.putAll(settings.client());
    configuration.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    configuration.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.topicPrefix() + applicationId);
    configuration.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
    configuration.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    configuration.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    configuration.put(StreamsConfig.POLL_MS_CONFIG, 5);
    configuration.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    configuration.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 200);
    configuration.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) settings.replicationFactor());
    configuration.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    configuration.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
    configuration.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    configuration.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecords.class);
    configuration.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, UnhandledRecords.class);
    configuration.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, topics.deadLetters());
    configuration.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
    // one batch on its way per broker: what comes meanwhile travels together, and the first batch
    // of a transaction,
    // which the broker may send back, is never overtaken by a second one
    configuration.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION), 1);
    configuration.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), REQUEST_BYTES_MAX);
    configuration.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 200);
    configuration.put(
        StreamsConfig.topicPrefix("max.message.bytes"), Integer.toString(REQUEST_BYTES_MAX));
    configuration.putAll(overrides);
    return configuration;
  }

  private Map<String, Object> producerSettings(String clientId) {
    var configuration = common(clientId);
    configuration.put(ProducerConfig.ACKS_CONFIG, "all");
    configuration.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    configuration.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    configuration.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES_MAX);
    return configuration;
  }

  private Map<String, Object> common(String clientId) {
    var configuration = new HashMap<String, Object>(settings.client());
    configuration.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    configuration.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    return configuration;
  }
}
