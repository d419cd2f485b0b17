package io.penstock.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.catalog.CatalogReader;
import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.KafkaSettings;
import io.penstock.platform.kafka.TopicAdmin;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.PoolEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances of ingress change the catalogue; each keeps its writer open. */
class CatalogWritersTest {

  private static final Duration START_MAX = Duration.ofSeconds(30);

  @TempDir private static Path directory;
  private static EmbeddedBroker broker;
  private static KafkaClients clients;

  @BeforeAll
  static void start() {
    broker = EmbeddedBroker.start(EmbeddedBrokerConfig.of(directory));
    clients =
        new KafkaClients(
            new KafkaSettings(
                broker.bootstrapServers(),
                broker.clientProperties(),
                Topics.DEFAULT_PREFIX,
                1,
                (short) 1,
                "mock://catalog-writers",
                Map.of()),
            RecordSerdes.inMemory("catalog-writers"));
    try (var admin = clients.admin()) {
      TopicAdmin.ensure(admin, clients.settings(), clients.topics().fixed());
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  /** A process that changes the catalogue. */
  private record Instance(CatalogReader reader, CatalogWriter writer) implements AutoCloseable {

    static Instance start() throws InterruptedException {
      var reader = CatalogReader.start(clients, "test");
      try (var admin = clients.admin()) {
        assertThat(reader.awaitCurrent(admin, START_MAX)).isTrue();
      }
      return new Instance(reader, new CatalogWriter(clients, reader));
    }

    void put(String name, long expectedVersion) throws InterruptedException {
      writer.write(List.of(new Change.Put(entry(name), expectedVersion)));
    }

    long version(String name) {
      var entry = reader.snapshot().entries().get("pool/" + name);
      return entry == null ? 0 : entry.getVersion();
    }

    @Override
    public void close() {
      writer.close();
      reader.close();
    }
  }

  @Test
  void writersTakeTurnsThoughEachFencesTheOther() throws InterruptedException {
    try (var one = Instance.start();
        var other = Instance.start()) {
      one.put("turns", 0);
      other.put("turns", 1);
      one.put("turns", 2);
      one.put("turns", 3);
      other.put("turns", 4);

      assertThat(other.version("turns")).isEqualTo(5);
      assertThatThrownBy(() -> one.put("turns", 4))
          .isInstanceOf(CatalogWriter.ConflictException.class);
    }
  }

  @Test
  void noChangeIsLostWhenTwoWriteAtTheSameTime() throws Exception {
    try (var one = Instance.start();
        var other = Instance.start();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var writing =
          threads.invokeAll(
              List.<Callable<Integer>>of(() -> increments(one), () -> increments(other)));
      var written = 0L;
      for (var each : writing) {
        written += each.get();
      }

      one.put("last", 0);

      assertThat(written).isPositive();
      assertThat(one.version("raced")).isGreaterThanOrEqualTo(written);
    }
  }

  /** How many of ten changes were taken, each made from the newest version that was seen. */
  private static int increments(Instance instance) throws InterruptedException {
    var written = 0;
    for (var i = 0; i < 10; i++) {
      try {
        instance.put("raced", instance.version("raced"));
        written++;
      } catch (CatalogWriter.ConflictException | KafkaException e) {
        // somebody else was first, or fenced this one in the middle: the next change begins anew
      }
    }
    return written;
  }

  private static CatalogEntry entry(String name) {
    var pool =
        PoolEntry.newBuilder()
            .setName(name)
            .setProvider("simulated")
            .setDialect("openai")
            .setBaseUrl("http://127.0.0.1:1/v1")
            .build();
    return new CatalogEntry("pool", name, 1L, null, Instant.now(), pool);
  }
}
