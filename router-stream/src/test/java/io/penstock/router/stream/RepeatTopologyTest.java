package io.penstock.router.stream;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.platform.kafka.BoundedRocksDb;
import io.penstock.router.Fixtures;
import io.penstock.router.RouterConfig;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.UsageRecorded;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Idempotency keys with real stores: what is kept, through which crash, and for how long. */
class RepeatTopologyTest {

  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
  private static final String NAME = "repeat-topology";
  private static final List<String> STORES =
      List.of(RouterTopology.REQUEST_STORE, RouterTopology.REPEAT_STORE);

  private final RecordSerdes serdes = RecordSerdes.inMemory(NAME);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  /** A router on its own, that leaves nothing behind but its changelogs. */
  private final class Life implements AutoCloseable {
    final TopologyTestDriver driver;
    final TestInputTopic<String, SpecificRecord> requests;
    final TestInputTopic<String, SpecificRecord> outcomes;
    final TestOutputTopic<String, CallAssigned> calls;
    final TestOutputTopic<String, ReplyFinished> replies;
    final TestOutputTopic<String, UsageRecorded> usage;

    Life(Path directory, Instant at) {
      var settings = new Properties();
      settings.put(StreamsConfig.APPLICATION_ID_CONFIG, NAME);
      settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
      settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
      settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
      driver =
          new TopologyTestDriver(
              RouterTopology.build(
                  TOPICS,
                  serdes,
                  Fixtures::table,
                  new PoolStatuses(),
                  RouterConfig.DEFAULTS,
                  new RouterMetrics(meters)),
              settings,
              at);
      requests = input(TOPICS.requests(Lane.INTERACTIVE));
      outcomes = input(TOPICS.outcomes());
      calls = output(TOPICS.calls("alpha", Lane.INTERACTIVE), CallAssigned.class);
      replies = output(TOPICS.replies(), ReplyFinished.class);
      usage = output(TOPICS.usage(), UsageRecorded.class);
    }

    private TestInputTopic<String, SpecificRecord> input(String topic) {
      return driver.createInputTopic(
          topic, new StringSerializer(), serdes.<SpecificRecord>serializer(), T0, Duration.ZERO);
    }

    private <T extends SpecificRecord> TestOutputTopic<String, T> output(
        String topic, Class<T> type) {
      return driver.createOutputTopic(topic, new StringDeserializer(), serdes.deserializer(type));
    }

    void handOver(Life next) {
      for (var store : STORES) {
        var restored = next.driver.<String, byte[]>getKeyValueStore(store);
        changelog(store).forEach(entry -> restored.put(entry.key, entry.value));
      }
    }

    private List<KeyValue<String, byte[]>> changelog(String store) {
      return driver
          .createOutputTopic(
              NAME + "-" + store + "-changelog",
              new StringDeserializer(),
              new ByteArrayDeserializer())
          .readKeyValuesToList();
    }

    @Override
    public void close() {
      driver.close();
    }
  }

  private static InferenceRequested asked(String id, Instant at) {
    var request = Fixtures.request(id, "one", AnswerTo.BOTH);
    request.setIdempotencyKey("key|of, a caller");
    request.setFingerprint("f");
    request.setReply(new ReplyAddress("ingress-of-" + id, 1));
    request.setAcceptedAt(at);
    request.setDeadlineAt(at.plus(Fixtures.DEADLINE));
    return request;
  }

  @Test
  void anAnswerOutlivesTheRouterThatSawIt(@TempDir Path first, @TempDir Path second) {
    try (var before = new Life(first, T0);
        var after = new Life(second, T0.plusSeconds(5))) {
      before.requests.pipeInput(ACME, asked("r1", T0));
      before.outcomes.pipeInput(ACME, Fixtures.finished(before.calls.readValue(), T0));
      before.handOver(after);

      after.requests.pipeInput(ACME, asked("r2", T0.plusSeconds(5)));

      var reply = after.replies.readKeyValue();
      assertThat(reply.key).isEqualTo("ingress-of-r2");
      assertThat(reply.value.getReplayOf()).isEqualTo("r1");
      assertThat(reply.value.getBody()).isEqualTo(Fixtures.payload(Fixtures.ANSWER));
      assertThat(after.calls.isEmpty()).isTrue();
      assertThat(after.usage.isEmpty()).isTrue();
      assertThat(meters.counter("penstock.router.repeated").count()).isEqualTo(1);
    }
  }

  @Test
  void whoWaitedForAnAnswerGetsItFromTheNextRouter(@TempDir Path first, @TempDir Path second) {
    try (var before = new Life(first, T0);
        var after = new Life(second, T0.plusSeconds(5))) {
      before.requests.pipeInput(ACME, asked("r1", T0));
      before.requests.pipeInput(ACME, asked("r2", T0));
      var call = before.calls.readValue();
      assertThat(before.calls.isEmpty()).isTrue();
      before.handOver(after);

      var answer = Fixtures.finished(call, T0);
      answer.setAnswer(new Payload(null, "answers/r1/1", 300_000L, "0".repeat(64)));
      after.outcomes.pipeInput(ACME, answer);

      var reply = after.replies.readKeyValue();
      assertThat(reply.key).isEqualTo("ingress-of-r2");
      assertThat(reply.value.getBody()).isEqualTo(answer.getAnswer());
      assertThat(after.usage.readValuesToList()).hasSize(1);
    }
  }

  @Test
  void anAnswerIsForgottenAfterADayAndTheKeyIsFreeAgain(@TempDir Path directory) {
    try (var life = new Life(directory, T0)) {
      life.requests.pipeInput(ACME, asked("r1", T0));
      life.outcomes.pipeInput(ACME, Fixtures.finished(life.calls.readValue(), T0));
      var store = life.driver.<String, byte[]>getKeyValueStore(RouterTopology.REPEAT_STORE);
      life.driver.advanceWallClockTime(Duration.ofHours(24).minusSeconds(1));
      assertThat(store.all()).toIterable().hasSize(1);

      life.driver.advanceWallClockTime(Duration.ofSeconds(2));

      assertThat(store.all()).toIterable().isEmpty();
      life.requests.pipeInput(ACME, asked("r2", T0.plus(Duration.ofHours(25))));
      assertThat(life.calls.readValue().getRequestId()).isEqualTo("r2");
    }
  }
}
