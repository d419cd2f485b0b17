package io.penstock.router.stream;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.batchLine;
import static io.penstock.router.Fixtures.failed;
import static io.penstock.router.Fixtures.finished;
import static io.penstock.router.Fixtures.interactive;
import static io.penstock.router.Fixtures.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.platform.kafka.BoundedRocksDb;
import io.penstock.router.Fixtures;
import io.penstock.router.RouterConfig;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallCancelled;
import io.penstock.schemas.avro.CircuitState;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UpstreamStatus;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterTopologyTest {

  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

  @TempDir Path directory;

  private final RecordSerdes serdes = RecordSerdes.inMemory("router-topology");
  private final PoolStatuses statuses = new PoolStatuses();
  private TopologyTestDriver driver;
  private TestInputTopic<String, SpecificRecord> interactive;
  private TestInputTopic<String, SpecificRecord> batch;
  private TestInputTopic<String, SpecificRecord> outcomes;
  private TestInputTopic<String, SpecificRecord> retries;
  private TestOutputTopic<String, CallAssigned> alphaBatch;
  private TestOutputTopic<String, CallAssigned> betaBatch;
  private TestOutputTopic<String, CallAssigned> alphaInteractive;
  private TestOutputTopic<String, RequestFinished> results;
  private TestOutputTopic<String, UsageRecorded> usage;
  private TestOutputTopic<String, ReplyFinished> replies;
  private TestOutputTopic<String, CallCancelled> cancels;
  private TestOutputTopic<String, DeadLetter> deadLetters;

  private Topology topology() {
    return RouterTopology.build(
        TOPICS,
        serdes,
        Fixtures::table,
        statuses,
        RouterConfig.DEFAULTS,
        new RouterMetrics(new SimpleMeterRegistry()));
  }

  @BeforeEach
  void start() {
    var settings = new Properties();
    settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
    settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
    driver = new TopologyTestDriver(topology(), settings, T0);
    interactive = input(TOPICS.requests(Lane.INTERACTIVE));
    batch = input(TOPICS.requests(Lane.BATCH));
    outcomes = input(TOPICS.outcomes());
    retries = input(TOPICS.retries());
    alphaBatch = output(TOPICS.calls("alpha", Lane.BATCH), CallAssigned.class);
    betaBatch = output(TOPICS.calls("beta", Lane.BATCH), CallAssigned.class);
    alphaInteractive = output(TOPICS.calls("alpha", Lane.INTERACTIVE), CallAssigned.class);
    results = output(TOPICS.results(), RequestFinished.class);
    usage = output(TOPICS.usage(), UsageRecorded.class);
    replies = output(TOPICS.replies(), ReplyFinished.class);
    cancels = output(TOPICS.cancels(), CallCancelled.class);
    deadLetters = output(TOPICS.deadLetters(), DeadLetter.class);
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

  @Test
  void theTopologyIsTheOneThatWasAgreed() throws IOException {
    try (var golden = RouterTopologyTest.class.getResourceAsStream("/golden/topology.txt")) {
      assertThat(topology().describe().toString().strip() + "\n")
          .isEqualTo(new String(golden.readAllBytes(), UTF_8));
    }
  }

  @Test
  void aBatchLineBecomesACallThenAResultAndAPricedUsageRecord() {
    batch.pipeInput(ACME, batchLine("r1"));
    var call = alphaBatch.readRecord();
    outcomes.pipeInput(ACME, finished(call.value(), T0));

    assertThat(call.key()).isNull();
    assertThat(call.getRecordTime()).isEqualTo(T0);
    var result = results.readRecord();
    assertThat(result.key()).isEqualTo("batch_1");
    assertThat(result.value().getOutcome()).isEqualTo(Outcome.SUCCEEDED);
    var settlement = usage.readRecord();
    assertThat(settlement.key()).isEqualTo(ACME);
    assertThat(settlement.value().getChargeNanoUsd()).isEqualTo(24_000);
    assertThat(settlement.headers().lastHeader("ce_type").value())
        .isEqualTo("io.penstock.usage-recorded".getBytes(UTF_8));
    assertThat(settlement.headers().lastHeader("ce_id").value())
        .isEqualTo(settlement.value().getUsageId().getBytes(UTF_8));
    assertThat(replies.isEmpty()).isTrue();
  }

  @Test
  void whatIsForwardedCarriesTheRealTimeAndTheTrace() {
    var headers =
        new RecordHeaders().add("traceparent", "00-1".getBytes(UTF_8)).add("x", new byte[1]);

    interactive.pipeInput(new TestRecord<>(ACME, interactive("r1"), headers, T0));

    var call = alphaInteractive.readRecord();
    assertThat(call.getRecordTime()).isEqualTo(T0);
    assertThat(call.headers().toArray()).hasSize(1);
    assertThat(call.headers().lastHeader("traceparent").value()).isEqualTo("00-1".getBytes(UTF_8));
  }

  @Test
  void everythingTwiceIsEverythingOnce() {
    batch.pipeInput(ACME, batchLine("r1"));
    batch.pipeInput(ACME, batchLine("r1"));
    var first = alphaBatch.readValue();
    retries.pipeInput(ACME, failed(first, FailureKind.SERVER_ERROR, T0));
    retries.pipeInput(ACME, failed(first, FailureKind.SERVER_ERROR, T0));
    var second = betaBatch.readValue();
    outcomes.pipeInput(ACME, finished(second, T0));
    outcomes.pipeInput(ACME, finished(second, T0));

    assertThat(alphaBatch.isEmpty()).isTrue();
    assertThat(betaBatch.isEmpty()).isTrue();
    assertThat(results.readValuesToList()).hasSize(1);
    assertThat(usage.readValuesToList()).hasSize(1);
  }

  @Test
  void aRetryWaitsInTheStoreAndFiresWhenItIsDue() {
    batch.pipeInput(ACME, request("r1", "one", AnswerTo.RESULT));
    var first = alphaBatch.readValue();
    retries.pipeInput(ACME, failed(first, FailureKind.RATE_LIMITED, T0, 2_000L, null));

    driver.advanceWallClockTime(Duration.ofMillis(1_990));
    assertThat(alphaBatch.isEmpty()).isTrue();
    driver.advanceWallClockTime(Duration.ofMillis(20));

    var second = alphaBatch.readValue();
    assertThat(second.getAttempt()).isEqualTo(2);
    assertThat(second.getBody()).isEqualTo(first.getBody());
    driver.advanceWallClockTime(Duration.ofSeconds(5));
    assertThat(alphaBatch.isEmpty()).isTrue();
  }

  @Test
  void aRefusalAnswersTheWaitingCaller() {
    interactive.pipeInput(ACME, request("r1", "nope", AnswerTo.REPLY));

    var reply = replies.readRecord();
    assertThat(reply.key()).isEqualTo("ingress-1");
    assertThat(reply.value().getHttpStatus()).isEqualTo(404);
    assertThat(usage.isEmpty()).isTrue();
    assertThat(results.isEmpty()).isTrue();
  }

  @Test
  void theWatchdogEndsWhatNobodyAnswered() {
    batch.pipeInput(ACME, batchLine("r1"));

    driver.advanceWallClockTime(Fixtures.DEADLINE);
    assertThat(results.isEmpty()).isTrue();
    Passing.pass(driver, RouterConfig.DEFAULTS.deadlineGrace().plusSeconds(1));

    assertThat(results.readValue().getOutcome()).isEqualTo(Outcome.EXPIRED);
    assertThat(usage.readValue().getErrorCode()).isEqualTo("batch_expired");
  }

  @Test
  void aReaderWhoHangsUpCancelsHisCallAndIsNotWaitedForForEver() {
    interactive.pipeInput(ACME, Fixtures.stream("r1"));
    alphaInteractive.readValue();

    interactive.pipeInput(ACME, Fixtures.cancel("r1"));

    var cancel = cancels.readRecord();
    assertThat(cancel.key()).isEqualTo(ACME);
    assertThat(cancel.value().getRequestId()).isEqualTo("r1");
    Passing.pass(driver, Duration.ofSeconds(29));
    assertThat(usage.isEmpty()).isTrue();
    Passing.pass(driver, Duration.ofSeconds(2));
    assertThat(usage.readValue().getErrorCode()).isEqualTo("cancelled");
    driver.advanceWallClockTime(Fixtures.DEADLINE.plusSeconds(20));
    Passing.pass(driver, Duration.ofSeconds(10));
    assertThat(usage.isEmpty()).isTrue();
  }

  @Test
  void anAnswerThatWaitedInTheLogIsReadBeforeTheWatchdogEndsItsRequest() {
    interactive.pipeInput(ACME, Fixtures.interactive("r1"));
    var call = alphaInteractive.readValue();

    // the process stood still, or was away, beyond the deadline
    driver.advanceWallClockTime(Fixtures.DEADLINE.plusMinutes(5));
    outcomes.pipeInput(ACME, Fixtures.finished(call, T0), T0.plusSeconds(1));
    Passing.pass(driver, Duration.ofSeconds(20));

    var charged = usage.readValue();
    assertThat(charged.getSucceeded()).isTrue();
    assertThat(charged.getChargeNanoUsd()).isPositive();
    assertThat(usage.isEmpty()).isTrue();
  }

  @Test
  void whatWorkersSayOfTheirCircuitsMovesRequestsAway() {
    statuses.heard(
        PoolStatusesTest.status(
            "w1",
            new UpstreamStatus("up-alpha", CircuitState.OPEN, T0.plusSeconds(3), null, 9L, 9L)),
        T0.toEpochMilli());

    batch.pipeInput(ACME, batchLine("r1"));
    driver.advanceWallClockTime(Duration.ofSeconds(3));
    batch.pipeInput(ACME, batchLine("r2"));
    batch.pipeInput(ACME, batchLine("r3"));

    assertThat(betaBatch.readValuesToList())
        .extracting(CallAssigned::getRequestId)
        .containsExactly("r1", "r3");
    assertThat(alphaBatch.readValue().getRequestId()).isEqualTo("r2");
  }

  @Test
  void anEndedRequestIsForgottenAfterAWhileAndNotBefore() {
    var store = driver.<String, byte[]>getKeyValueStore(RouterTopology.REQUEST_STORE);
    batch.pipeInput(ACME, batchLine("r1"));
    outcomes.pipeInput(ACME, finished(alphaBatch.readValue(), T0));
    results.readValue();

    driver.advanceWallClockTime(Duration.ofMinutes(59));
    batch.pipeInput(ACME, batchLine("r1"));
    assertThat(results.isEmpty()).isTrue();
    assertThat(store.get("r1")).isNotNull();

    driver.advanceWallClockTime(Duration.ofMinutes(2));
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    assertThat(store.get("r1")).isNull();
  }

  @Test
  void anOutcomeWhoseRequestNeverComesEndsAsADeadLetter() {
    batch.pipeInput(ACME, batchLine("r1"));
    var call = alphaBatch.readValue();
    call.setRequestId("never");

    outcomes.pipeInput(ACME, finished(call, T0));
    assertThat(usage.isEmpty()).isTrue();
    driver.advanceWallClockTime(Duration.ofMinutes(61));
    driver.advanceWallClockTime(Duration.ofSeconds(2));

    assertThat(deadLetters.readValue().getMessage())
        .isEqualTo("a call ended whose request never came");
  }

  @Test
  void whatIsNeitherRequestNorOutcomeIsADeadLetter() {
    var stranger =
        driver.createInputTopic(
            TOPICS.outcomes(), new StringSerializer(), serdes.<SpecificRecord>serializer());
    stranger.pipeInput(ACME, null);

    assertThat(deadLetters.readKeyValue().key).isEqualTo(ACME);
  }

  @Test
  void aPoolThatRefusesConnectionsIsSkippedAndProbedOnceASecond() {
    for (int i = 0; i < PoolHealthMemory.FAILURES; i++) {
      batch.pipeInput(ACME, batchLine("warm" + i));
      retries.pipeInput(
          ACME, failed(alphaBatch.readValue(), FailureKind.CONNECT, T0.plusMillis(i)));
    }
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    betaBatch.readValuesToList();

    for (int i = 0; i < 10; i++) {
      batch.pipeInput(ACME, batchLine("r" + i));
    }

    assertThat(alphaBatch.readValuesToList()).hasSize(1);
    assertThat(betaBatch.readValuesToList()).hasSize(9);
  }

  @Test
  void aLateOutcomeIsACostAndNothingElse() {
    batch.pipeInput(ACME, batchLine("r1"));
    var call = alphaBatch.readValue();
    outcomes.pipeInput(ACME, finished(call, T0));
    usage.readValue();
    results.readValue();

    outcomes.pipeInput(ACME, finished(call, T0.plusMillis(1)));

    assertThat(usage.readValue().getKind()).isEqualTo(UsageKind.LATE_COST);
    assertThat(results.isEmpty()).isTrue();
  }

  @Test
  void interactiveRecordsAreReadAsOlderThanBatchRecords() {
    var record =
        new org.apache.kafka.clients.consumer.ConsumerRecord<Object, Object>(
            "t",
            0,
            0,
            T0.toEpochMilli(),
            org.apache.kafka.common.record.TimestampType.CREATE_TIME,
            0,
            0,
            "k",
            "v",
            new RecordHeaders(),
            java.util.Optional.empty());

    assertThat(Instant.ofEpochMilli(LaneTimestamps.FIRST.extract(record, 0)))
        .isEqualTo(T0.minus(Duration.ofDays(1)));
    assertThat(Instant.ofEpochMilli(LaneTimestamps.LAST.extract(record, 0))).isEqualTo(T0);
  }

  @Test
  void callsGoRoundThePartitionsAndRepliesToTheirAddress() {
    var evenly = new Evenly();
    batch.pipeInput(ACME, batchLine("r1"));
    var call = alphaBatch.readValue();

    for (int i = 0; i < 7; i++) {
      assertThat(evenly.partitions("a", null, call, 3)).contains(java.util.Set.of(i % 3));
    }
    assertThat(evenly.partitions("b", null, call, 3)).contains(java.util.Set.of(1));

    interactive.pipeInput(ACME, request("r2", "nope", AnswerTo.REPLY));
    assertThat(new ToAddress().partitions("t", "k", new AddressedReply(2, replies.readValue()), 6))
        .contains(java.util.Set.of(2));
  }
}
