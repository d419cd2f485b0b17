package io.penstock.schemas;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClientFactory;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.AbstractKafkaSchemaSerDeConfig;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroDeserializerConfig;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Avro in Confluent wire format, by Confluent's own client, for one registry. Thread-safe; the
 * serialisers it makes are not, as Kafka's never are.
 *
 * <p>Serialisers never register: a schema that {@link #register} has not put into the registry is
 * an error, so that no running service can change a contract by accident.
 *
 * <p>The registry may be away: all that {@link #register} has seen is known from then on, and for
 * anything else serialisers and deserialisers wait a while before they fail with what {@link
 * #registryAway} recognises.
 */
public final class RecordSerdes {

  static {
    TrustedRecords.trust();
  }

  private static final int SCHEMAS_CACHED_MAX = 1000;

  /** A registry that was killed is back sooner. */
  private static final Duration AWAY_MAX = Duration.ofSeconds(20);

  private static final Duration AWAY_PAUSE = Duration.ofMillis(250);

  private final SchemaRegistryClient client;
  private final String url;

  // A request that the registry loses is asked again; Confluent's own minute would keep a caller
  // waiting for four of them.
  private static final Map<String, String> TIMES =
      Map.of(
          "schema.registry.http.connect.timeout.ms", "2000",
          "schema.registry.http.read.timeout.ms", "3000",
          "schema.registry.retries.wait.ms", "100");

  private RecordSerdes(SchemaRegistryClient client, String url) {
    this.client = client;
    this.url = url;
  }

  /**
   * @param url the registry's address, or {@code mock://scope} in tests
   * @param settings further settings of the registry client, in Confluent's names
   */
  public static RecordSerdes of(String url, Map<String, String> settings) {
    var all = new HashMap<>(TIMES);
    all.putAll(settings);
    var client =
        SchemaRegistryClientFactory.newClient(
            List.of(url), SCHEMAS_CACHED_MAX, List.of(new AvroSchemaProvider()), all, Map.of());
    return new RecordSerdes(client, url);
  }

  /** In-memory registry for tests, with all of the catalogue's schemas registered. */
  public static RecordSerdes inMemory(String scope) {
    var serdes = of("mock://" + scope, Map.of());
    serdes.register(new Topics(Topics.DEFAULT_PREFIX));
    return serdes;
  }

  /**
   * Registers every schema of the catalogue under its subject; what is there already stays as it
   * is.
   *
   * @throws UncheckedIOException when the registry cannot be reached
   * @throws IllegalStateException when the registry refuses a schema as incompatible
   */
  public void register(Topics topics) {
    for (var spec : topics.fixed()) {
      register(spec);
    }
    topics.ofPool("any").forEach(this::register);
    register(topics.ofSubmissions("any"));
  }

  private void register(TopicSpec spec) {
    for (var schema : spec.values()) {
      var subject = Subjects.subject(spec.name(), schema.getFullName());
      try {
        learn(subject, client.register(subject, new AvroSchema(schema)), new AvroSchema(schema));
      } catch (IOException e) {
        throw new UncheckedIOException("the schema registry at " + url + " does not answer", e);
      } catch (RestClientException e) {
        if (e.getStatus() >= 500) {
          throw new UncheckedIOException(
              "the schema registry at " + url + " fails", new IOException(e));
        }
        throw new IllegalStateException("the schema registry refuses subject " + subject, e);
      }
    }
  }

  /** What serialisers and deserialisers will ask for is asked now, and remembered. */
  private void learn(String subject, int id, AvroSchema schema)
      throws IOException, RestClientException {
    client.getId(subject, schema, false);
    client.getSchemaById(id);
    client.getSchemaBySubjectAndId(subject, id);
  }

  /**
   * Whether a serialiser or deserialiser failed because the registry could not be asked: the record
   * is not to blame, and the same will succeed later.
   */
  public static boolean registryAway(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketException
          || cause instanceof SocketTimeoutException
          || cause instanceof UnknownHostException
          || (cause instanceof RestClientException refusal && refusal.getStatus() >= 500)) {
        return true;
      }
    }
    return false;
  }

  private static <R> R patiently(Supplier<R> work) {
    var deadline = System.nanoTime() + AWAY_MAX.toNanos();
    while (true) {
      try {
        return work.get();
      } catch (RuntimeException e) {
        if (!registryAway(e)
            || System.nanoTime() > deadline
            || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LockSupport.parkNanos(AWAY_PAUSE.toNanos());
      }
    }
  }

  /** The registry client behind the serdes. */
  public SchemaRegistryClient client() {
    return client;
  }

  /** A serialiser for any record of the catalogue. */
  public <T extends SpecificRecord> Serializer<T> serializer() {
    var avro = new KafkaAvroSerializer(client);
    avro.configure(configuration(), false);
    return new Serializer<>() {
      @Override
      public byte[] serialize(String topic, T value) {
        return patiently(() -> avro.serialize(topic, value));
      }

      @Override
      public void close() {
        avro.close();
      }
    };
  }

  /**
   * A deserialiser for records of a type (or {@link SpecificRecord} where a topic carries several);
   * another type fails with {@link ClassCastException} in the reader.
   */
  public <T extends SpecificRecord> Deserializer<T> deserializer(Class<T> type) {
    var avro = new KafkaAvroDeserializer(client);
    avro.configure(configuration(), false);
    return new Deserializer<>() {
      @Override
      public T deserialize(String topic, byte[] data) {
        return type.cast(patiently(() -> avro.deserialize(topic, data)));
      }

      @Override
      public void close() {
        avro.close();
      }
    };
  }

  /** Both, for Kafka Streams. */
  public <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
    return Serdes.serdeFrom(this.<T>serializer(), deserializer(type));
  }

  private Map<String, Object> configuration() {
    return Map.of(
        AbstractKafkaSchemaSerDeConfig.SCHEMA_REGISTRY_URL_CONFIG,
        url,
        AbstractKafkaSchemaSerDeConfig.AUTO_REGISTER_SCHEMAS,
        false,
        AbstractKafkaSchemaSerDeConfig.VALUE_SUBJECT_NAME_STRATEGY,
        Subjects.class,
        KafkaAvroDeserializerConfig.SPECIFIC_AVRO_READER_CONFIG,
        true);
  }
}
