package io.penstock.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.RecordSerdes;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

final class KafkaClientsTest {

  private final KafkaClients clients =
      new KafkaClients(
          new KafkaSettings(
              "localhost:1",
              Map.of("security.protocol", "PLAINTEXT"),
              "team-a.",
              3,
              (short) 1,
              "mock://x",
              Map.of()),
          RecordSerdes.inMemory("kafka-clients"));

  @Test
  void streamsAreExactlyOnceDoNotLingerAndCarryThePrefix() {
    var settings = clients.streams("billing", Path.of("state"), Map.of());

    assertThat(settings)
        .containsEntry("application.id", "team-a.billing")
        .containsEntry("processing.guarantee", "exactly_once_v2")
        .containsEntry("producer.linger.ms", 0)
        .containsEntry("poll.ms", 5)
        .containsEntry("group.protocol", "classic")
        .containsEntry("security.protocol", "PLAINTEXT")
        .containsEntry("errors.dead.letter.queue.topic.name", "team-a.dead-letters");
    assertThat(new StreamsConfig(settings).getString("state.dir")).isEqualTo("state");
  }

  @Test
  void whatAServiceAsksForWinsOverTheDefaults() {
    var settings = clients.streams("billing", Path.of("state"), Map.of("poll.ms", 50));

    assertThat(settings).containsEntry("poll.ms", 50);
  }
}
