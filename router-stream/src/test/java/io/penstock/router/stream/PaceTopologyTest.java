package io.penstock.router.stream;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.batchLine;
import static io.penstock.router.Fixtures.failed;
import static io.penstock.router.Fixtures.finished;
import static io.penstock.router.Fixtures.interactive;
import static io.penstock.router.Fixtures.request;
import static io.penstock.router.PacedFixtures.limit;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.platform.kafka.BoundedRocksDb;
import io.penstock.router.Fixtures;
import io.penstock.router.PacedFixtures;
import io.penstock.router.RouterConfig;
import io.penstock.router.admit.RoutingTable;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.RateLimitStatus;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UsageRecorded;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaceTopologyTest {

  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

  /** Input bound and output limit of a request of {@link Fixtures}. */
  private static final long BOUND = 150;

  @TempDir Path directory;

  private final RecordSerdes serdes = RecordSerdes.inMemory("router-pace");
  private RoutingTable table = Fixtures.table();
  private TopologyTestDriver driver;
  private TestInputTopic<String, SpecificRecord> interactive;
  private TestInputTopic<String, SpecificRecord> batch;
  private TestInputTopic<String, SpecificRecord> outcomes;
  private TestInputTopic<String, SpecificRecord> retries;
  private TestOutputTopic<String, CallAssigned> calls;
  private TestOutputTopic<String, CallAssigned> lines;
  private TestOutputTopic<String, RequestFinished> results;
  private TestOutputTopic<String, UsageRecorded> usage;
  private TestOutputTopic<String, ReplyFinished> replies;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private KeyValueStore<String, byte[]> store;

  @BeforeEach
  void start() {
    var settings = new Properties();
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
            new RouterMetrics(metrics));
    driver = new TopologyTestDriver(topology, settings, T0);
    interactive = input(TOPICS.requests(Lane.INTERACTIVE));
    batch = input(TOPICS.requests(Lane.BATCH));
    outcomes = input(TOPICS.outcomes());
    retries = input(TOPICS.retries());
    calls = output(TOPICS.calls("alpha", Lane.INTERACTIVE), CallAssigned.class);
    lines = output(TOPICS.calls("alpha", Lane.BATCH), CallAssigned.class);
    results = output(TOPICS.results(), RequestFinished.class);
    usage = output(TOPICS.usage(), UsageRecorded.class);
    replies = output(TOPICS.replies(), ReplyFinished.class);
    store = driver.getKeyValueStore(RouterTopology.PACE_STORE);
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  private TestInputTopic<String, SpecificRecord> input(String topic) {
    return driver.createInputTopic(
        topic, new StringSerializer(), serdes.<SpecificRecord>serializer(), T0, Duration.ZERO);
  }

  private <T extends SpecificRecord> TestOutputTopic<String, T> output(
      String topic, Class<T> type) {
    return driver.createOutputTopic(topic, new StringDeserializer(), serdes.deserializer(type));
  }

  private void ask(String id) {
    interactive.pipeInput(ACME, interactive(id));
  }

  private void answer(CallAssigned call, Instant at) {
    outcomes.pipeInput(ACME, finished(call, at));
  }

  private List<String> entries() {
    var keys = new ArrayList<String>();
    try (var all = store.all()) {
      all.forEachRemaining(entry -> keys.add(entry.key));
    }
    return keys;
  }

  private long taken(String account) {
    return new PaceStore(store).count(account).taken();
  }

  private static InferenceRequested line(String id, long tokens) {
    var line = batchLine(id);
    line.getFacts().setInputTokensBound(tokens);
    return line;
  }

  @Test
  void ofFiveHundredAtOnceTenAMinuteGoThroughInEachOfFiftyRounds() {
    table = PacedFixtures.ofKey(key -> key.setRequestsPerMinute(10L));

    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 500; i++) {
        ask("r" + round + "-" + i);
        if (i % 50 == 0) {
          ask("r" + round + "-" + i);
        }
      }
      assertThat(calls.readValuesToList()).hasSize(10);
      assertThat(replies.readValuesToList())
          .hasSize(490)
          .allSatisfy(reply -> assertThat(reply.getHttpStatus()).isEqualTo(429));
      driver.advanceWallClockTime(Duration.ofMinutes(1));
    }
    assertThat(usage.isEmpty()).isTrue();
  }

  @Test
  void ofFiveHundredAtOnceTenAreOpenInEachOfFiftyRounds() {
    table = PacedFixtures.ofKey(key -> key.setConcurrency(10L));

    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 500; i++) {
        ask("r" + round + "-" + i);
      }
      var open = calls.readValuesToList();
      assertThat(open).hasSize(10);
      for (var call : open) {
        answer(call, T0);
        answer(call, T0);
      }
    }
    assertThat(entries()).isEmpty();
  }

  @Test
  void anAnswerAndARefusalSayWhatIsLeft() {
    table =
        PacedFixtures.table(
            limit("all", BudgetScope.ORGANIZATION)
                .setRequestsPerMinute(2L)
                .setTokensPerMinute(1_000L));
    ask("r1");
    ask("r2");
    ask("r3");

    var first = calls.readValue();
    assertThat(first.getRateLimits())
        .isEqualTo(new RateLimitStatus(2L, 1L, 30_000L, 1_000L, 850L, 9_000L));
    var refused = replies.readValue();
    assertThat(refused.getHttpStatus()).isEqualTo(429);
    assertThat(refused.getRetryAfterMs()).isEqualTo(30_000);
    assertThat(
            metrics
                .get("penstock.router.refused")
                .tags(
                    "code", "rate_limit_exceeded",
                    "scope", "organization",
                    "counted", "requests_a_minute")
                .counter()
                .count())
        .isEqualTo(1);
    assertThat(refused.getRateLimits())
        .isEqualTo(new RateLimitStatus(2L, 0L, 60_000L, 1_000L, 700L, 18_000L));
    assertThat(Fixtures.text(refused.getBody()))
        .contains(
            "rate_limit_exceeded",
            "The limit 'all' (organization) of 2 requests a minute has 0 left",
            "Ask again in 30 s.",
            "\"limit\":\"all\"",
            "\"remaining\":\"0\"");

    driver.advanceWallClockTime(Duration.ofMillis(refused.getRetryAfterMs() - 1));
    ask("r4");
    assertThat(replies.readValue().getRetryAfterMs()).isEqualTo(1);
    driver.advanceWallClockTime(Duration.ofMillis(1));
    ask("r5");
    assertThat(replies.isEmpty()).isTrue();
  }

  @Test
  void whereNothingIsLimitedNothingIsSaid() {
    ask("r1");

    assertThat(calls.readValue().getRateLimits()).isNull();
    assertThat(entries()).isEmpty();
  }

  @Test
  void aRefusalTakesNothingFromAnyLimit() {
    table =
        PacedFixtures.table(
            limit("all", BudgetScope.ORGANIZATION)
                .setRequestsPerMinute(100L)
                .setTokensPerMinute(10_000L)
                .setConcurrency(5L),
            limit("users", BudgetScope.END_USER).setRequestsPerMinute(1L));
    var first = interactive("r1");
    first.setEndUser("ann");
    interactive.pipeInput(ACME, first);
    for (int i = 2; i < 50; i++) {
      var again = interactive("r" + i);
      again.setEndUser("ann");
      interactive.pipeInput(ACME, again);
    }
    ask("last");

    var admitted = calls.readValuesToList();
    assertThat(admitted).extracting(CallAssigned::getRequestId).containsExactly("r1", "last");
    assertThat(admitted.getLast().getRateLimits().getRequestsRemaining()).isEqualTo(98);
    assertThat(admitted.getLast().getRateLimits().getTokensRemaining())
        .isEqualTo(10_000 - 2 * BOUND);
    assertThat(taken("org_acme|open|all|org_acme")).isEqualTo(2);
  }

  @Test
  void anEndUserNeverSeenBeforeIsLimitedFromTheFirstRequestAndForgottenAfterTheLast() {
    table = PacedFixtures.table(limit("users", BudgetScope.END_USER).setRequestsPerMinute(1L));
    for (int user = 0; user < 100; user++) {
      for (int i = 0; i < 3; i++) {
        var request = interactive("r" + user + "-" + i);
        request.setEndUser("user|" + user);
        interactive.pipeInput(ACME, request);
      }
    }

    assertThat(calls.readValuesToList()).hasSize(100);
    assertThat(replies.readValuesToList()).hasSize(200);
    assertThat(entries()).hasSize(100).contains("org_acme|requests|users|user|7");
    driver.advanceWallClockTime(Duration.ofSeconds(59));
    assertThat(entries()).hasSize(100);
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    assertThat(entries()).isEmpty();
  }

  @Test
  void tokensAreTakenByTheirBoundAndGivenBackOnceByWhatWasUsed() {
    table = PacedFixtures.ofKey(key -> key.setTokensPerMinute(10 * BOUND));
    for (int i = 0; i < 11; i++) {
      ask("r" + i);
    }
    var open = calls.readValuesToList();
    assertThat(open).hasSize(10);
    assertThat(replies.readValue().getRetryAfterMs()).isEqualTo(6_000);

    // 100 of 150 were used
    answer(open.get(0), T0);
    answer(open.get(0), T0);
    answer(open.get(0), T0.plusMillis(1));
    ask("still too much");
    assertThat(replies.readValuesToList()).hasSize(1);
    answer(open.get(1), T0);
    answer(open.get(2), T0);
    ask("r11");
    assertThat(calls.readValue().getRateLimits().getTokensRemaining()).isZero();
  }

  @Test
  void aFailureGivesBackWhatNobodyUsedAndWhatMayRunOnGivesNothingBack() {
    table =
        PacedFixtures.ofKey(
            key -> {
              key.setTokensPerMinute(2 * BOUND);
              key.setConcurrency(2L);
            });
    interactive.pipeInput(ACME, request("r1", "one", AnswerTo.REPLY));
    retries.pipeInput(ACME, failed(calls.readValue(), FailureKind.BAD_REQUEST, T0));
    assertThat(replies.readValue().getRateLimits().getTokensRemaining()).isEqualTo(BOUND);

    ask("r2");
    assertThat(calls.readValue().getRateLimits().getTokensRemaining()).isEqualTo(BOUND);
    interactive.pipeInput(ACME, Fixtures.cancel("r2"));
    interactive.pipeInput(ACME, Fixtures.cancel("r2"));
    replies.readValue();
    ask("r3");
    assertThat(calls.readValue().getRateLimits().getTokensRemaining()).isZero();
    assertThat(taken("org_acme|open|api_key:key_1|key_1")).isEqualTo(1);
  }

  @Test
  void aPlaceIsFreeAgainWhenTheWatchdogEndsItsRequest() {
    table = PacedFixtures.ofKey(key -> key.setConcurrency(1L));
    ask("r1");
    ask("r2");
    assertThat(replies.readValue().getRetryAfterMs()).isEqualTo(1_000);

    driver.advanceWallClockTime(Fixtures.DEADLINE);
    Passing.pass(driver, RouterConfig.DEFAULTS.deadlineGrace().plusSeconds(1));

    assertThat(entries()).isEmpty();
  }

  @Test
  void whatIsRefusedLaterCountsAsARequestAndNothingElse() {
    table =
        PacedFixtures.table(
            Fixtures.budget("none", BudgetScope.ORGANIZATION, null, 1),
            limit("all", BudgetScope.ORGANIZATION)
                .setRequestsPerMinute(3L)
                .setTokensPerMinute(BOUND)
                .setConcurrency(1L));
    for (int i = 0; i < 5; i++) {
      ask("r" + i);
    }

    assertThat(replies.readValuesToList())
        .extracting(ReplyFinished::getHttpStatus)
        .containsExactly(402, 402, 402, 429, 429);
    assertThat(entries()).containsExactly("org_acme|requests|all|org_acme");
    assertThat(usage.isEmpty()).isTrue();
  }

  @Test
  void aKeyThatIsNoneCountsForNothing() {
    table = PacedFixtures.table(limit("all", BudgetScope.ORGANIZATION).setRequestsPerMinute(3L));
    for (int i = 0; i < 9; i++) {
      interactive.pipeInput(ACME, request("r" + i, "two", AnswerTo.REPLY, "nobody"));
      interactive.pipeInput(ACME, request("m" + i, "nope", AnswerTo.REPLY));
    }

    assertThat(entries()).isEmpty();
  }

  @Test
  void linesOfBatchesAreNotPacedByTheMinute() {
    table =
        PacedFixtures.table(
            limit("all", BudgetScope.ORGANIZATION)
                .setRequestsPerMinute(1L)
                .setTokensPerMinute(1L)
                .setConcurrency(1L));
    for (int i = 0; i < 20; i++) {
      batch.pipeInput(ACME, batchLine("r" + i));
    }

    assertThat(lines.readValuesToList()).hasSize(20);
    assertThat(entries()).isEmpty();
  }

  @Test
  void linesBeyondTheQueueWaitWithoutAttemptsAndGoWhenThereIsRoom() {
    table = PacedFixtures.table(limit("q", BudgetScope.ORGANIZATION).setQueuedTokens(250L));
    batch.pipeInput(ACME, line("r1", 100));
    batch.pipeInput(ACME, line("r2", 100));
    batch.pipeInput(ACME, line("r3", 100));
    batch.pipeInput(ACME, line("r3", 100));
    var open = lines.readValuesToList();
    assertThat(open).extracting(CallAssigned::getRequestId).containsExactly("r1", "r2");
    driver.advanceWallClockTime(Duration.ofSeconds(10));
    assertThat(lines.isEmpty()).isTrue();
    assertThat(taken("org_acme|queued|q|org_acme")).isEqualTo(200);

    answer(open.get(0), T0);
    answer(open.get(0), T0);
    driver.advanceWallClockTime(Duration.ofSeconds(1));

    var third = lines.readValue();
    assertThat(third.getRequestId()).isEqualTo("r3");
    assertThat(third.getAttempt()).isEqualTo(1);
    answer(open.get(1), T0);
    answer(third, T0);
    assertThat(results.readValuesToList())
        .hasSize(3)
        .allSatisfy(result -> assertThat(result.getAttempts()).isEqualTo(1));
    assertThat(usage.readValuesToList()).hasSize(3);
    assertThat(entries()).isEmpty();
  }

  @Test
  void aLargeLineIsNotOvertakenForEverBySmallOnes() {
    table = PacedFixtures.table(limit("q", BudgetScope.ORGANIZATION).setQueuedTokens(100L));
    for (int i = 0; i < 10; i++) {
      batch.pipeInput(ACME, line("small" + i, 10));
    }
    var open = new ArrayList<>(lines.readValuesToList());
    assertThat(open).hasSize(10);
    batch.pipeInput(ACME, line("large", 95));
    var ended = 0;
    var next = 10;

    while (open.stream().noneMatch(call -> call.getRequestId().equals("large"))) {
      assertThat(ended).isLessThanOrEqualTo(12);
      answer(open.get(ended++), T0);
      var later = line("small" + next++, 10);
      later.setAcceptedAt(T0.plusMillis(next));
      batch.pipeInput(ACME, later);
      driver.advanceWallClockTime(Duration.ofSeconds(1));
      open.addAll(lines.readValuesToList());
    }

    answer(open.getLast(), T0);
    driver.advanceWallClockTime(Duration.ofSeconds(10));
    assertThat(lines.readValuesToList()).hasSize(10);
  }

  @Test
  void aLineThatWaitsCanBeCancelledAndExpires() {
    table = PacedFixtures.table(limit("q", BudgetScope.ORGANIZATION).setQueuedTokens(100L));
    batch.pipeInput(ACME, line("r1", 100));
    batch.pipeInput(ACME, line("r2", 100));
    batch.pipeInput(ACME, line("r3", 100));
    batch.pipeInput(ACME, Fixtures.cancel("r2"));

    var cancelled = results.readValue();
    assertThat(cancelled.getOutcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(cancelled.getAttempts()).isZero();
    Passing.pass(driver, Fixtures.DEADLINE);
    assertThat(results.readValue().getRequestId()).isEqualTo("r3");
    Passing.pass(driver, RouterConfig.DEFAULTS.deadlineGrace().plusSeconds(1));
    assertThat(results.readValue().getRequestId()).isEqualTo("r1");
    assertThat(lines.readValuesToList()).hasSize(1);
    driver.advanceWallClockTime(Duration.ofSeconds(10));
    assertThat(entries()).isEmpty();
  }

  @Test
  void aChangedLimitHoldsFromThenOnForWhatIsOpenToo() {
    table = PacedFixtures.table(limit("all", BudgetScope.ORGANIZATION).setConcurrency(5L));
    for (int i = 0; i < 5; i++) {
      ask("r" + i);
    }
    var open = calls.readValuesToList();

    table = PacedFixtures.table(limit("all", BudgetScope.ORGANIZATION).setConcurrency(2L));
    for (int i = 0; i < 3; i++) {
      ask("lowered" + i);
      answer(open.get(i), T0);
    }
    assertThat(calls.isEmpty()).isTrue();
    answer(open.get(3), T0);
    ask("below");
    assertThat(calls.readValuesToList()).hasSize(1);

    table = Fixtures.table();
    ask("unlimited");
    answer(open.get(4), T0);
    assertThat(taken("org_acme|open|all|org_acme")).isEqualTo(1);

    table = PacedFixtures.table(limit("all", BudgetScope.ORGANIZATION).setConcurrency(3L));
    for (int i = 0; i < 5; i++) {
      ask("again" + i);
    }
    assertThat(calls.readValuesToList()).hasSize(1 + 2);
  }

  @Test
  void aLineThatWaitsIsFreedByAHigherLimitOrNone() {
    table = PacedFixtures.table(limit("q", BudgetScope.ORGANIZATION).setQueuedTokens(100L));
    for (int i = 0; i < 4; i++) {
      batch.pipeInput(ACME, line("r" + i, 100));
    }
    assertThat(lines.readValuesToList()).hasSize(1);

    table = PacedFixtures.table(limit("q", BudgetScope.ORGANIZATION).setQueuedTokens(200L));
    driver.advanceWallClockTime(Duration.ofSeconds(5));
    assertThat(lines.readValuesToList()).hasSize(1);
    table = Fixtures.table();
    driver.advanceWallClockTime(Duration.ofSeconds(5));
    var last = lines.readValuesToList();
    assertThat(last).hasSize(2);
    last.forEach(call -> answer(call, T0));
    assertThat(taken("org_acme|queued|q|org_acme")).isEqualTo(200);
  }
}
