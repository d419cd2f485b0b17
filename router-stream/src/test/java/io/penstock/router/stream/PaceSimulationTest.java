package io.penstock.router.stream;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.PacedFixtures.limit;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.router.Fixtures;
import io.penstock.router.PacedFixtures;
import io.penstock.router.RouterConfig;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.route.RequestState.Open;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The router on stores that outlive it: it dies at any moment, what it had not committed is undone
 * and read again, outcomes come late, twice and in any order. What limits have counted must always
 * be what is open, and nothing at the end.
 */
class PaceSimulationTest {

  private static final long CONCURRENCY = 8;
  private static final long QUEUED = 450;
  private static final long REQUESTS = 40;
  private static final String OPEN = "org_acme|open|all|org_acme";
  private static final String QUEUE = "org_acme|queued|all|org_acme";

  private final RecordSerdes serdes = RecordSerdes.inMemory("router-pace-simulation");
  private final StateCodec codec = new StateCodec();
  private final KeyValueStore<String, byte[]> requests =
      store(RouterTopology.REQUEST_STORE, Serdes.String());
  private final KeyValueStore<String, byte[]> budgets =
      store(RouterTopology.BUDGET_STORE, Serdes.String());
  private final KeyValueStore<String, byte[]> paces =
      store(RouterTopology.PACE_STORE, Serdes.String());
  private final KeyValueStore<String, byte[]> refusals =
      store(RouterTopology.REFUSAL_STORE, Serdes.String());
  private final KeyValueStore<String, byte[]> repeats =
      store(RouterTopology.REPEAT_STORE, Serdes.String());
  private final KeyValueStore<Bytes, byte[]> delays =
      store(RouterTopology.DELAY_STORE, Serdes.Bytes());

  private RoutingTable table =
      PacedFixtures.table(
          limit("all", BudgetScope.ORGANIZATION)
              .setRequestsPerMinute(REQUESTS)
              .setTokensPerMinute(6_000L)
              .setConcurrency(CONCURRENCY)
              .setQueuedTokens(QUEUED),
          limit("users", BudgetScope.END_USER).setConcurrency(2L).setTokensPerMinute(1_000L));
  private long now = T0.toEpochMilli();
  private Life life = new Life();

  private static <K> KeyValueStore<K, byte[]> store(String name, Serde<K> keys) {
    return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, Serdes.ByteArray())
        .withLoggingDisabled()
        .withCachingDisabled()
        .build();
  }

  /** One process. */
  private final class Life {
    final MockProcessorContext<String, Object> context =
        new MockProcessorContext<>(new Properties());
    final RouteProcessor processor =
        new RouteProcessor(
            new Topics(Topics.DEFAULT_PREFIX),
            () -> table,
            new PoolStatuses(),
            RouterConfig.DEFAULTS,
            new RouterMetrics(new SimpleMeterRegistry()),
            serdes.serializer(),
            serdes.deserializer(CallAssigned.class));

    Life() {
      context.setCurrentSystemTimeMs(now);
      for (var store : List.of(requests, budgets, paces, refusals, repeats, delays)) {
        if (!store.isOpen()) {
          store.init(context.getStateStoreContext(), store);
        }
        context.addStateStore(store);
      }
      processor.init(context);
    }

    List<CallAssigned> process(SpecificRecord value) {
      context.setCurrentSystemTimeMs(now);
      processor.process(new Record<>(ACME, value, now));
      return calls();
    }

    List<CallAssigned> tick() {
      context.setCurrentSystemTimeMs(now);
      context.scheduledPunctuators().forEach(each -> each.getPunctuator().punctuate(now));
      return calls();
    }

    private List<CallAssigned> calls() {
      var calls =
          context.forwarded().stream()
              .map(forward -> forward.record().value())
              .filter(CallAssigned.class::isInstance)
              .map(CallAssigned.class::cast)
              .toList();
      context.resetForwards();
      return calls;
    }
  }

  private record Snapshot(
      Map<String, byte[]> requests,
      Map<String, byte[]> budgets,
      Map<String, byte[]> paces,
      Map<Bytes, byte[]> delays) {}

  private Snapshot snapshot() {
    return new Snapshot(all(requests), all(budgets), all(paces), all(delays));
  }

  private void restore(Snapshot snapshot) {
    set(requests, snapshot.requests());
    set(budgets, snapshot.budgets());
    set(paces, snapshot.paces());
    set(delays, snapshot.delays());
  }

  private static <K> Map<K, byte[]> all(KeyValueStore<K, byte[]> store) {
    var all = new HashMap<K, byte[]>();
    try (var entries = store.all()) {
      entries.forEachRemaining(entry -> all.put(entry.key, entry.value));
    }
    return all;
  }

  private static <K> void set(KeyValueStore<K, byte[]> store, Map<K, byte[]> entries) {
    all(store).keySet().forEach(store::delete);
    entries.forEach(store::put);
  }

  /** What is open by the states of requests is what limits have counted. */
  private void countsAreRight() {
    var counted = new HashMap<String, Long>();
    for (var entry : all(requests).values()) {
      if (codec.decode(entry) instanceof Open open) {
        for (var account : open.ticket().getLimitAccounts()) {
          var amount =
              account.contains("|queued|") ? open.ticket().getFacts().getInputTokensBound() : 1L;
          counted.merge(account, amount, Long::sum);
        }
      }
    }
    var store = new PaceStore(paces);
    assertThat(counted.getOrDefault(OPEN, 0L)).isLessThanOrEqualTo(CONCURRENCY);
    assertThat(counted.getOrDefault(QUEUE, 0L)).isLessThanOrEqualTo(QUEUED);
    for (var account : all(paces).keySet()) {
      if (account.contains("|open|") || account.contains("|queued|")) {
        assertThat(store.count(account).taken()).isEqualTo(counted.getOrDefault(account, 0L));
      }
    }
    counted.forEach(
        (account, amount) -> {
          if (!account.contains("|tokens|")) {
            assertThat(store.count(account).taken()).isEqualTo(amount);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whatIsCountedIsWhatIsOpenWhateverHappens(long seed) {
    var random = new Random(seed);
    var undecided = new ArrayList<SpecificRecord>();
    var sinceCommit = new ArrayList<SpecificRecord>();
    var asked = new ArrayList<String>();
    var committed = snapshot();
    for (int step = 0; step < 3_000; step++) {
      now += random.nextInt(100);
      SpecificRecord record = null;
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3, 4, 5 -> {
          var request = Fixtures.interactive("i" + step);
          request.setEndUser("user" + random.nextInt(6));
          record = request;
        }
        case 6, 7, 8 -> {
          var line = Fixtures.batchLine("b" + step);
          line.setAcceptedAt(Instant.ofEpochMilli(now));
          record = line;
        }
        case 9 -> {
          if (!asked.isEmpty()) {
            record = Fixtures.cancel(asked.get(random.nextInt(asked.size())));
          }
        }
        case 10 -> {
          committed = snapshot();
          sinceCommit.clear();
        }
        case 11 -> {
          if (random.nextInt(10) == 0) {
            restore(committed);
            life = new Life();
            sinceCommit.forEach(again -> outcomes(life.process(again), random, undecided));
          }
        }
        case 12, 13 -> outcomes(life.tick(), random, undecided);
        default -> {
          if (!undecided.isEmpty()) {
            var at = random.nextInt(undecided.size());
            record = random.nextInt(5) == 0 ? undecided.get(at) : undecided.remove(at);
          }
        }
      }
      if (record != null) {
        if (record instanceof InferenceRequested request) {
          request.setDeadlineAt(Instant.ofEpochMilli(now).plusSeconds(3_600));
          asked.add(request.getRequestId());
        }
        sinceCommit.add(record);
        outcomes(life.process(record), random, undecided);
      }
      if (step % 20 == 0) {
        countsAreRight();
      }
    }

    untilAllIsOverdue();
    undecided.forEach(life::process);
    untilAllIsOverdue();
    assertThat(asked).hasSizeGreaterThan(1_000);
    assertThat(all(paces)).isEmpty();
  }

  /** A process that stood still looks for outcomes in its log before it ends what is overdue. */
  private void untilAllIsOverdue() {
    now += 3_700_000;
    for (int second = 0; second < 120; second++) {
      life.tick();
      now += 1_000;
    }
  }

  private void outcomes(
      List<CallAssigned> calls, Random random, ArrayList<SpecificRecord> undecided) {
    for (var call : calls) {
      var started = Instant.ofEpochMilli(now + random.nextInt(3));
      undecided.add(
          switch (random.nextInt(5)) {
            case 0 -> Fixtures.failed(call, FailureKind.SERVER_ERROR, started);
            case 1 -> Fixtures.failed(call, FailureKind.BAD_REQUEST, started);
            default -> Fixtures.finished(call, started);
          });
    }
  }

  @Test
  void fiveHundredAgainstTenSurviveARestartInTheirMiddleInEachOfFiftyRounds() {
    table = PacedFixtures.ofKey(key -> key.setRequestsPerMinute(10L));
    for (int round = 0; round < 50; round++) {
      var breaks = round * 10;
      var committed = Math.max(0, breaks - 100);
      var admitted = new ArrayList<>(ask(round, 0, committed));
      var snapshot = snapshot();
      ask(round, committed, breaks);
      restore(snapshot);
      life = new Life();
      admitted.addAll(ask(round, committed, 500));

      assertThat(admitted).hasSize(10).doesNotHaveDuplicates();
      now += 60_000;
    }
  }

  private List<String> ask(int round, int from, int to) {
    var admitted = new ArrayList<String>();
    for (int i = from; i < to; i++) {
      for (var call : life.process(Fixtures.interactive("r" + round + "-" + i))) {
        admitted.add(call.getRequestId());
      }
    }
    return admitted;
  }
}
