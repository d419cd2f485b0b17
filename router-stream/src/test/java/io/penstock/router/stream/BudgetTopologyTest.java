package io.penstock.router.stream;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.budget;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.platform.kafka.BoundedRocksDb;
import io.penstock.router.Fixtures;
import io.penstock.router.RouterConfig;
import io.penstock.router.admit.RoutingTable;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.UsageRecorded;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

class BudgetTopologyTest {

  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
  private static final String NAME = "budget-topology";
  private static final long HOLD = 750_000;
  private static final List<String> STORES =
      List.of(
          RouterTopology.REQUEST_STORE, RouterTopology.BUDGET_STORE, RouterTopology.REFUSAL_STORE);

  private final RecordSerdes serdes = RecordSerdes.inMemory(NAME);

  /** A router on its own, that leaves nothing behind but its changelogs. */
  private final class Life implements AutoCloseable {
    final TopologyTestDriver driver;
    final TestInputTopic<String, SpecificRecord> requests;
    final TestInputTopic<String, SpecificRecord> outcomes;
    final TestOutputTopic<String, CallAssigned> calls;
    final TestOutputTopic<String, ReplyFinished> replies;
    final TestOutputTopic<String, AuditRecorded> audit;
    final TestOutputTopic<String, UsageRecorded> usage;

    Life(Path directory, RoutingTable table, Instant at) {
      var settings = new Properties();
      settings.put(StreamsConfig.APPLICATION_ID_CONFIG, NAME);
      settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
      settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
      settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
      var topology =
          RouterTopology.build(
              TOPICS,
              serdes,
              () -> table,
              new PoolStatuses(),
              RouterConfig.DEFAULTS,
              new RouterMetrics(new SimpleMeterRegistry()));
      driver = new TopologyTestDriver(topology, settings, at);
      requests = input(TOPICS.requests(Lane.INTERACTIVE));
      outcomes = input(TOPICS.outcomes());
      calls = output(TOPICS.calls("alpha", Lane.INTERACTIVE), CallAssigned.class);
      replies = output(TOPICS.replies(), ReplyFinished.class);
      audit = output(TOPICS.audit(), AuditRecorded.class);
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

    List<KeyValue<String, byte[]>> changelog(String store) {
      return driver
          .createOutputTopic(
              NAME + "-" + store + "-changelog",
              new StringDeserializer(),
              new ByteArrayDeserializer())
          .readKeyValuesToList();
    }

    void restore(String store, List<KeyValue<String, byte[]>> changelog) {
      var restored = driver.<String, byte[]>getKeyValueStore(store);
      changelog.forEach(entry -> restored.put(entry.key, entry.value));
    }

    /** Its successor after a rebalance: it has nothing but what the changelogs say. */
    Life succeeded(Path directory, RoutingTable table, Instant at) {
      var next = new Life(directory, table, at);
      for (var store : STORES) {
        next.restore(store, changelog(store));
      }
      close();
      return next;
    }

    @Override
    public void close() {
      driver.close();
    }
  }

  /** Ten budgets, of which one is for ten requests a minute. */
  private static RoutingTable table() {
    var money =
        budget("money", BudgetScope.ORGANIZATION, null, 10 * HOLD + 1, BudgetWindow.MINUTE, true);
    var budgets = new ArrayList<>(List.of(money));
    for (int i = 0; i < 9; i++) {
      var more =
          budget("more-" + i, BudgetScope.API_KEY, Fixtures.KEY, 1L << 50, BudgetWindow.DAY, true);
      more.setUnit(BudgetUnit.values()[i % 3]);
      more.setRolling(i % 2 == 0);
      more.setGroupBy(i % 4 == 0 ? List.of(BudgetScope.END_USER) : List.of());
      budgets.add(more);
    }
    return Fixtures.table(budgets.toArray(BudgetEntry[]::new));
  }

  @Test
  void bud01AndBud04OfFiveHundredRequestsTenAreAdmittedInEachOfFiftyRounds(
      @TempDir Path first, @TempDir Path second) {
    var table = table();
    var life = new Life(first, table, T0);
    for (int round = 0; round < 50; round++) {
      var at = T0.plusSeconds(60L * round);
      var admitted = 0;
      for (int i = 0; i < 500; i++) {
        if (round == 25 && i == 7) {
          // a rebalance in the middle of a round
          admitted += life.calls.readValuesToList().size();
          life = life.succeeded(second, table, at);
        }
        var request = Fixtures.interactive("r" + round + "-" + i);
        request.setAcceptedAt(at);
        request.setDeadlineAt(at.plus(Fixtures.DEADLINE));
        life.requests.pipeInput(ACME, request);
      }
      var calls = life.calls.readValuesToList();
      admitted += calls.size();
      assertThat(admitted).as("round %d", round).isEqualTo(10);
      for (var call : calls) {
        life.outcomes.pipeInput(ACME, Fixtures.finished(call, at));
      }
      life.driver.advanceWallClockTime(Duration.ofMinutes(1));
    }
    assertThat(life.usage.readValuesToList()).hasSizeGreaterThan(200);
    life.close();
  }

  @Test
  void led03bARefusalOutlivesTheRouterThatMadeIt(@TempDir Path first, @TempDir Path second) {
    var life =
        new Life(first, Fixtures.table(budget("b", BudgetScope.ORGANIZATION, null, HOLD - 1)), T0);
    life.requests.pipeInput(ACME, keyed("r1", "key-1"));
    var refused = Fixtures.text(life.replies.readValue().getBody());
    assertThat(refused).contains("budget_exceeded");

    var richer = Fixtures.table(budget("b", BudgetScope.ORGANIZATION, null, 99 * HOLD));
    life = life.succeeded(second, richer, T0.plusSeconds(9));
    life.requests.pipeInput(ACME, keyed("r2", "key-1"));
    assertThat(Fixtures.text(life.replies.readValue().getBody()))
        .isEqualTo(refused.replace("r1", "r2"));
    assertThat(life.calls.isEmpty()).isTrue();

    life.requests.pipeInput(ACME, keyed("r3", "key-2"));
    assertThat(life.calls.readValue().getRequestId()).isEqualTo("r3");

    // a day later nobody remembers
    life.driver.advanceWallClockTime(Duration.ofHours(25));
    var late = keyed("r4", "key-1");
    late.setDeadlineAt(T0.plus(Duration.ofHours(30)));
    life.requests.pipeInput(ACME, late);
    assertThat(life.calls.readValue().getRequestId()).isEqualTo("r4");
    life.close();
  }

  private static InferenceRequested keyed(String id, String key) {
    var request = Fixtures.interactive(id);
    request.setIdempotencyKey(key);
    return request;
  }

  @Test
  void aThresholdIsToldOnAuditOnce(@TempDir Path directory) {
    var budget = budget("b", BudgetScope.ORGANIZATION, null, 10 * HOLD);
    budget.setAlertPercent(List.of(20));
    try (var life = new Life(directory, Fixtures.table(budget), T0)) {
      for (int i = 0; i < 5; i++) {
        life.requests.pipeInput(ACME, Fixtures.interactive("r" + i));
      }

      var told = life.audit.readKeyValuesToList();
      assertThat(told).hasSize(1);
      assertThat(told.getFirst().key).isEqualTo(ACME);
      assertThat(told.getFirst().value.getDetails()).containsEntry("percent", "20");
    }
  }
}
