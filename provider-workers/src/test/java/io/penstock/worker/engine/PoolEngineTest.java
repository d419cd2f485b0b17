package io.penstock.worker.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CircuitState;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ModelLimit;
import io.penstock.schemas.avro.PoolCredential;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.simulator.ApiKey;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.limit.RateLimits;
import io.penstock.worker.http.ApacheUpstreamClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine with a real provider at one end and topics in memory at the other. */
class PoolEngineTest {

  private static final RecordSerdes SERDES = RecordSerdes.inMemory("pool-engine");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ApacheUpstreamClient client =
      new ApacheUpstreamClient(2000, 1 << 20, Duration.ofSeconds(2));
  private final RecordingLog log = new RecordingLog();
  private final Map<Lane, FakeTopic> topics =
      new EnumMap<>(Map.of(Lane.INTERACTIVE, new FakeTopic(2), Lane.BATCH, new FakeTopic(2)));
  private final Serializer<CallAssigned> serializer = SERDES.serializer();
  private final Cancels cancels = new Cancels(System::nanoTime);
  private Set<CallKey> finishedBefore = Set.of();
  private Payloads payloads;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void openBlobs() throws IOException {
    payloads = new Payloads(new LocalBlobStore(folder));
  }

  @AfterEach
  void closeAll() throws Exception {
    for (var one : opened.reversed()) {
      one.close();
    }
    client.close();
    timer.shutdownNow();
  }

  @Test
  void callsOfBothLanesEndWithTheProvidersUsage() {
    var simulator = simulator(SimulatorConfig.standard());
    for (int i = 0; i < 200; i++) {
      write(i % 2 == 0 ? Lane.INTERACTIVE : Lane.BATCH, "r" + i, "m");
    }

    start(simulator);

    await().atMost(PATIENCE).until(() -> log.finished.size() == 200);
    var witness = simulator.log().summary();
    assertThat(witness.served()).isEqualTo(200);
    assertThat(witness.duplicateCalls()).isZero();
    assertThat(log.finished.stream().mapToLong(f -> TokenClass.input(f.getUsage())).sum())
        .isEqualTo(witness.inputTokens());
    assertThat(log.finished.stream().mapToLong(f -> TokenClass.output(f.getUsage())).sum())
        .isEqualTo(witness.outputTokens());
    assertThat(log.finished)
        .allSatisfy(
            finished -> {
              assertThat(finished.getUsage().getSource()).isEqualTo(UsageSource.PROVIDER);
              assertThat(finished.getUsage().getRaw()).isNotNull();
              assertThat(finished.getFinishReason()).isNotNull();
              assertThat(finished.getAnswer()).isNotNull();
              assertThat(finished.getFirstByteAt())
                  .isBetween(finished.getStartedAt(), finished.getFinishedAt().plusMillis(1));
            });
    assertThat(simulator.log().summary().byModel()).containsOnlyKeys("m");
  }

  @Test
  void aWaitingCallerGetsAReplyAndOnlyThoseWhoComeBackAnAnswerInTheOutcome() {
    var simulator = simulator(SimulatorConfig.standard());
    write(Lane.INTERACTIVE, Calls.call("reply", Lane.INTERACTIVE, AnswerTo.REPLY, "m"));
    write(Lane.INTERACTIVE, Calls.call("result", Lane.INTERACTIVE, AnswerTo.RESULT, "m"));
    write(Lane.INTERACTIVE, Calls.call("both", Lane.INTERACTIVE, AnswerTo.BOTH, "m"));

    start(simulator);

    await().atMost(PATIENCE).until(() -> log.finished.size() == 3);
    assertThat(log.replies)
        .extracting(reply -> reply.getRequestId())
        .containsExactlyInAnyOrder("reply", "both");
    assertThat(log.replies).allSatisfy(reply -> assertThat(reply.getHttpStatus()).isEqualTo(200));
    assertThat(log.finished)
        .allSatisfy(
            finished ->
                assertThat(finished.getAnswer() == null)
                    .isEqualTo(finished.getRequestId().equals("reply")));
  }

  @Test
  void aStreamArrivesByteForByteWithItsUsageAndItsEnd() {
    var simulator = simulator(SimulatorConfig.standard());
    for (int i = 0; i < 50; i++) {
      write(Lane.INTERACTIVE, streaming("r" + i, "m"));
    }

    start(simulator);

    await().atMost(PATIENCE).until(() -> log.finished.size() == 50);
    assertThat(log.replies).hasSize(50);
    for (var reply : log.replies) {
      var events = told(reply.getRequestId());
      assertThat(events).startsWith("data: {").endsWith("data: [DONE]\n\n").contains("\"usage\"");
      assertThat(reply.getPieces())
          .isEqualTo(
              log.pieces.stream()
                  .filter(piece -> piece.getRequestId().equals(reply.getRequestId()))
                  .count());
    }
    assertThat(log.finished)
        .allSatisfy(
            finished -> {
              assertThat(finished.getUsage().getSource()).isEqualTo(UsageSource.PROVIDER);
              assertThat(finished.getFinishReason()).isNotNull();
              assertThat(finished.getAnswer()).isNull();
            });
  }

  @Test
  void aStreamThatBreaksIsToldAsFarAsItGot() {
    var simulator = simulator(SimulatorConfig.standard().withStall(Duration.ofSeconds(9)));
    for (var model : List.of("sim-reset", "sim-stall", "sim-truncated", "sim-error-200")) {
      write(Lane.INTERACTIVE, streaming(model, model));
    }
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setIdleTimeoutMs(300L);

    start(entry);

    await().atMost(PATIENCE).until(() -> log.failed.size() == 4);
    assertThat(log.replies).isEmpty();
    assertThat(log.failed)
        .allSatisfy(
            failed -> {
              var seen =
                  log.pieces.stream()
                      .filter(piece -> piece.getRequestId().equals(failed.getRequestId()))
                      .count();
              var delivered = failed.getDelivered();
              assertThat(delivered == null ? 0 : delivered.getPieces()).isEqualTo(seen);
              assertThat(failed.getUsage()).isNotNull();
            });
  }

  private CallAssigned streaming(String requestId, String model) {
    var call = Calls.call(requestId, Lane.INTERACTIVE, AnswerTo.REPLY, model);
    var body =
        "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    call.getBody().setInline(ByteBuffer.wrap(body));
    call.getBody().setSize(body.length);
    call.getFacts().setStream(true);
    return call;
  }

  private String told(String requestId) {
    return log.pieces.stream()
        .filter(piece -> piece.getRequestId().equals(requestId))
        .map(piece -> StandardCharsets.UTF_8.decode(piece.getData().duplicate()).toString())
        .collect(Collectors.joining());
  }

  @Test
  void everyFaultHasItsKind() {
    var simulator = simulator(SimulatorConfig.standard().withStall(Duration.ofSeconds(9)));
    var expected =
        Map.ofEntries(
            Map.entry("sim-500", FailureKind.SERVER_ERROR),
            Map.entry("sim-503", FailureKind.OVERLOADED),
            Map.entry("sim-reset", FailureKind.CUT),
            Map.entry("sim-truncated", FailureKind.CUT),
            Map.entry("sim-malformed", FailureKind.UNUSABLE),
            Map.entry("sim-empty", FailureKind.UNUSABLE),
            Map.entry("sim-stall", FailureKind.TIMEOUT),
            Map.entry("sim-insufficient-quota", FailureKind.PROVIDER_BUDGET),
            Map.entry("sim-context-length", FailureKind.CONTEXT_TOO_LONG),
            Map.entry("sim-content-filter", FailureKind.CONTENT_POLICY),
            Map.entry("sim-401", FailureKind.AUTHENTICATION),
            Map.entry("sim-html-502", FailureKind.SERVER_ERROR));
    expected.keySet().forEach(model -> write(Lane.BATCH, model, model));
    var entry = Calls.pool(simulator.uri() + "/v1");
    // much less than the stall, much more than a busy machine takes
    entry.setFirstByteTimeoutMs(3_000L);
    entry.setConnectTimeoutMs(3_000L);

    start(entry);

    await().atMost(PATIENCE).until(() -> log.failed.size() == expected.size());
    for (var failed : log.failed) {
      assertThat(failed.getFailure().getKind())
          .as(failed.getRequestId())
          .isEqualTo(expected.get(failed.getRequestId()));
      assertThat(failed.getCall().getRequestId()).isEqualTo(failed.getRequestId());
    }
  }

  @Test
  void aRateLimitedCallIsMadeAgainHereAndInTheEndGoesBackWithTheProvidersWait() {
    var simulator = simulator(SimulatorConfig.standard());
    write(Lane.BATCH, "r", "sim-429");

    start(simulator);

    await().atMost(PATIENCE).until(() -> log.failed.size() == 1);
    assertThat(log.failed.getFirst().getFailure().getKind()).isEqualTo(FailureKind.RATE_LIMITED);
    assertThat(log.failed.getFirst().getFailure().getRetryAfterMs()).isBetween(900L, 2100L);
    assertThat(log.failed.getFirst().getUsage()).isNull();
    assertThat(log.failed.getFirst().getAttempt()).isEqualTo(1);
    assertThat(simulator.log().summary().calls()).isEqualTo(4);
  }

  @Test
  void nobodyIsCalledAfterTheDeadline() {
    var simulator = simulator(SimulatorConfig.standard());
    var late = Calls.call("late", Lane.INTERACTIVE, AnswerTo.REPLY, "m");
    late.setDeadlineAt(Instant.now().minusMillis(1));
    write(Lane.INTERACTIVE, late);

    start(simulator);

    await().atMost(PATIENCE).until(() -> log.failed.size() == 1);
    assertThat(log.failed.getFirst().getFailure().getKind()).isEqualTo(FailureKind.DEADLINE);
    assertThat(simulator.log().summary().calls()).isZero();
  }

  @Test
  void aCallEndsWithTheDeadlineOfItsRequest() {
    var simulator =
        simulator(SimulatorConfig.standard().withLatency(new Latency.Fixed(Duration.ofSeconds(8))));
    var call = Calls.call("slow", Lane.INTERACTIVE, AnswerTo.REPLY, "m");
    call.setDeadlineAt(Instant.now().plusMillis(700));
    write(Lane.INTERACTIVE, call);

    start(simulator);

    await().atMost(Duration.ofSeconds(5)).until(() -> log.failed.size() == 1);
    assertThat(log.failed.getFirst().getFailure().getKind()).isEqualTo(FailureKind.DEADLINE);
    assertThat(log.failed.getFirst().getUsage()).isNotNull();
  }

  @Test
  void aRecordThatIsNoCallGoesToTheDeadLettersAndHoldsUpNobody() {
    var simulator = simulator(SimulatorConfig.standard());
    topic(Lane.BATCH).append(0, new byte[] {1, 2, 3});
    write(Lane.BATCH, "after", "m");

    start(simulator);

    await().atMost(PATIENCE).until(() -> log.finished.size() == 1 && log.dead.size() == 1);
    assertThat(log.dead.getFirst().getOffset()).isZero();
    await().atMost(PATIENCE).until(() -> committed(Lane.BATCH) == 2);
  }

  @Test
  void whatAnEarlierOwnerFinishedIsNotCalledAgain() {
    var simulator = simulator(SimulatorConfig.standard());
    write(Lane.BATCH, "done", "m");
    write(Lane.BATCH, "failed", "m");
    write(Lane.BATCH, "new", "m");
    finishedBefore = Set.of(new CallKey("done", 1, null), new CallKey("failed", 1, Calls.ASSIGNED));

    start(simulator);

    await().atMost(PATIENCE).until(() -> committed(Lane.BATCH) == 3);
    assertThat(log.finished).extracting(f -> f.getRequestId()).containsExactly("new");
    assertThat(simulator.log().summary().calls()).isEqualTo(1);
  }

  @Test
  void nothingIsCommittedBeforeItsOutcomeIsDurable() {
    var simulator = simulator(SimulatorConfig.standard());
    log.durable = false;
    write(Lane.BATCH, "r", "m");

    var engine = start(simulator);
    await().atMost(PATIENCE).until(() -> log.finished.size() == 1);
    // the refresh of the position comes with the first commit; what it says must not include the
    // call
    await().atMost(PATIENCE).until(() -> !topic(Lane.BATCH).committed.isEmpty());

    assertThat(committed(Lane.BATCH)).isZero();
    assertThat(engine.alive()).isTrue();
  }

  @Test
  void noMoreCallsThanPermitsAreEverInDoubt() {
    var simulator = simulator(SimulatorConfig.standard());
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setConcurrencyMax(5L);
    log.durable = false;
    for (int i = 0; i < 50; i++) {
      write(Lane.INTERACTIVE, "r" + i, "m");
    }

    start(entry);

    await().atMost(PATIENCE).until(() -> log.finished.size() == 5);
    await()
        .during(Duration.ofMillis(500))
        .atMost(PATIENCE)
        .until(() -> simulator.log().summary().calls() == 5);
  }

  @Test
  void drainingLetsRunningCallsEndAndLeavesWaitingOnesToTheNextOwner() throws Exception {
    var simulator =
        simulator(
            SimulatorConfig.standard().withLatency(new Latency.Fixed(Duration.ofMillis(800))));
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setConcurrencyMax(10L);
    for (int i = 0; i < 30; i++) {
      write(Lane.INTERACTIVE, "r" + i, "m");
    }
    var engine = start(entry);
    await().atMost(PATIENCE).until(() -> simulator.log().summary().inFlight() == 10);

    engine.close();

    assertThat(log.finished).hasSize(10);
    assertThat(simulator.log().summary().calls()).isEqualTo(10);
    assertThat(committed(Lane.INTERACTIVE) + finishedAbove(Lane.INTERACTIVE)).isEqualTo(10);
  }

  @Test
  void theProvidersLimitIsUsedAndNotExceeded() {
    var simulator =
        simulator(SimulatorConfig.standard().withLimits(RateLimits.unlimited().withRequests(6000)));
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setRequestsPerMinute(6000L);
    for (int i = 0; i < 500; i++) {
      write(Lane.BATCH, "r" + i, "m");
    }
    var began = System.nanoTime();

    start(entry);

    await().atMost(PATIENCE).until(() -> log.finished.size() + log.failed.size() == 500);
    var seconds = (System.nanoTime() - began) / 1e9;
    assertThat(log.failed.size()).as("refused").isLessThanOrEqualTo(5);
    assertThat(seconds).as("500 calls at 100/s, half a second's worth at once").isBetween(4.0, 7.5);
  }

  @Test
  void theCredentialIsReadAgainWhenTheProviderRefusesIt() throws IOException {
    var simulator =
        simulator(SimulatorConfig.standard().withRequiredKey(new ApiKey("the-new-key")));
    var key = folder.resolve("key");
    Files.writeString(key, "the-old-key");
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setCredential("file:" + key);
    write(Lane.BATCH, "refused", "m");
    start(entry);
    await().atMost(PATIENCE).until(() -> log.failed.size() == 1);

    Files.writeString(key, "the-new-key");
    write(Lane.BATCH, "accepted", "m");

    await().atMost(PATIENCE).until(() -> log.finished.size() == 1);
    assertThat(log.failed.getFirst().getFailure().getKind()).isEqualTo(FailureKind.AUTHENTICATION);
    assertThat(log.failed.getFirst().getFailure().toString()).doesNotContain("the-old-key");
  }

  @Test
  void interactiveCallsOvertakeABacklogOfBatchCalls() {
    var simulator =
        simulator(SimulatorConfig.standard().withLatency(new Latency.Fixed(Duration.ofMillis(50))));
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setConcurrencyMax(5L);
    for (int i = 0; i < 400; i++) {
      write(Lane.BATCH, "b" + i, "m");
    }
    start(entry);
    await().atMost(PATIENCE).until(() -> log.finished.size() >= 20);

    write(Lane.INTERACTIVE, "urgent", "m");

    await()
        .atMost(PATIENCE)
        .until(() -> log.finished.stream().anyMatch(f -> f.getRequestId().equals("urgent")));
    assertThat(log.finished.size()).isLessThan(120);
  }

  @Test
  void theStatusTellsHowThePoolIsDoing() {
    var simulator = simulator(SimulatorConfig.standard());
    write(Lane.BATCH, "ok", "m");
    write(Lane.BATCH, "bad", "sim-500");
    var engine = start(simulator);
    await().atMost(PATIENCE).until(() -> log.finished.size() + log.failed.size() == 2);

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              engine.tick();
              assertThat(log.statuses.stream().mapToLong(s -> s.getFinished()).sum()).isEqualTo(2);
            });

    assertThat(log.statuses.stream().mapToLong(s -> s.getFailed()).sum()).isEqualTo(1);
    assertThat(log.statuses.getLast().getSharePermille()).isEqualTo(1000);
    assertThat(log.statuses.getLast().getInFlight()).isZero();
  }

  @Test
  void aRefusedCredentialIsLeftToTheOtherAndNoCallIsLost() throws IOException {
    var simulator = simulator(SimulatorConfig.standard().withRequiredKey(new ApiKey("good")));
    Files.writeString(folder.resolve("bad"), "bad");
    Files.writeString(folder.resolve("good"), "good");
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setCredentials(
        List.of(
            new PoolCredential("a", "file:" + folder.resolve("bad"), null, null),
            new PoolCredential("b", "file:" + folder.resolve("good"), null, null)));
    for (int i = 0; i < 100; i++) {
      write(Lane.BATCH, "r" + i, "m");
    }

    start(entry);

    await().atMost(PATIENCE).until(() -> log.finished.size() == 100);
    assertThat(log.failed).isEmpty();
  }

  @Test
  void aHiddenLimitCostsNoCallAnAttempt() {
    var simulator =
        simulator(
            SimulatorConfig.standard()
                .withLimits(
                    RateLimits.unlimited()
                        .withRequests(3000)
                        .withHeaders(RateLimits.LimitHeaders.HIDDEN)));
    for (int i = 0; i < 300; i++) {
      write(Lane.BATCH, "r" + i, "m");
    }

    start(simulator);

    await().atMost(PATIENCE).until(() -> log.finished.size() + log.failed.size() == 300);
    assertThat(log.failed).isEmpty();
    assertThat(simulator.log().summary().calls()).as("refusals included").isGreaterThan(300);
  }

  @Test
  void aModelThatIsRefusedAllTheTimeDoesNotSlowDownAnother() {
    var simulator = simulator(SimulatorConfig.standard());
    for (int i = 0; i < 200; i++) {
      write(Lane.BATCH, "refused" + i, "sim-rate429");
      write(Lane.BATCH, "served" + i, "m");
    }

    start(simulator);

    await().atMost(Duration.ofSeconds(5)).until(() -> log.finished.size() == 200);
    assertThat(served(simulator, "m")).isEqualTo(200);
    assertThat(log.finished)
        .allSatisfy(finished -> assertThat(finished.getRequestId()).startsWith("served"));
  }

  @Test
  void linesOfASlowModelDoNotKeepThoseOfAnotherFromBeingRead() {
    var simulator = simulator(SimulatorConfig.standard());
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setConcurrencyMax(100L);
    entry.setModelLimits(List.of(new ModelLimit("slow", 60L, null)));
    write(Lane.BATCH, "known", "m");
    for (int i = 0; i < 3000; i++) {
      write(Lane.BATCH, "slow" + i, "slow");
    }
    write(Lane.BATCH, "behind", "m");

    start(entry);

    await()
        .atMost(PATIENCE)
        .until(() -> log.finished.stream().anyMatch(each -> each.getRequestId().equals("behind")));
    assertThat(served(simulator, "m")).isEqualTo(2);
  }

  @Test
  void limitsThatTheProviderCountsByModelAreEachUsed() {
    var limits = RateLimits.unlimited().withRequests(1200).withCounted(RateLimits.Counted.BY_MODEL);
    var simulator = simulator(SimulatorConfig.standard().withLimits(limits));
    var entry = Calls.pool(simulator.uri() + "/v1");
    entry.setModelLimits(
        List.of(new ModelLimit("a", 1200L, null), new ModelLimit("b", 1200L, null)));
    for (int i = 0; i < 60; i++) {
      write(Lane.BATCH, "a" + i, "a");
      write(Lane.BATCH, "b" + i, "b");
    }

    start(entry);

    // sixty at twenty a second are three seconds; both one after the other would be six
    await().atMost(Duration.ofMillis(5_500)).until(() -> log.finished.size() == 120);
    assertThat(log.failed).isEmpty();
  }

  @Test
  void aCircuitThatOpensIsToldAtOnceAndCallersAreSentElsewhere() {
    var simulator = simulator(SimulatorConfig.standard());
    for (int i = 0; i < 10; i++) {
      write(Lane.BATCH, "bad" + i, "sim-500");
    }
    start(simulator);

    await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () ->
                log.statuses.stream().anyMatch(status -> status.getCircuit() == CircuitState.OPEN));
    assertThat(log.statuses.getLast().getUpstreams().getFirst().getProbeAt()).isNotNull();
    write(Lane.INTERACTIVE, "caller", "sim-500");

    await().atMost(PATIENCE).until(() -> log.failed.size() == 11);
    var failure = log.failed.getLast().getFailure();
    assertThat(failure.getKind()).isEqualTo(FailureKind.OVERLOADED);
    assertThat(failure.getProviderCode()).isEqualTo("circuit_open");
    assertThat(failure.getRetryAfterMs()).isBetween(1L, 5000L);
    assertThat(simulator.log().summary().calls()).isEqualTo(10);
  }

  private static long served(Simulator simulator, String model) {
    return requireNonNull(simulator.log().summary().byModel().get(model)).served();
  }

  private Simulator simulator(SimulatorConfig config) {
    var simulator = Simulator.start(config, "127.0.0.1", 0);
    opened.add(simulator);
    return simulator;
  }

  private PoolEngine start(Simulator simulator) {
    return start(Calls.pool(simulator.uri() + "/v1"));
  }

  private PoolEngine start(PoolEntry entry) {
    var standard = EngineSettings.standard();
    var settings =
        new EngineSettings(
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            standard.commitRefresh(),
            standard.bufferRecords(),
            standard.bufferBytesMax(),
            standard.windowOffsetsMax(),
            standard.metadataCharactersMax(),
            standard.interactivePatience(),
            standard.batchPatience(),
            standard.streamBytesMax());
    var environment =
        new PoolEngine.Environment(
            (pool, lane) -> {
              var source = new FakeSource(topic(lane), 500, Duration.ofMillis(2));
              source.assign(Set.copyOf(topic(lane).records.keySet()));
              return source;
            },
            () -> SERDES.deserializer(CallAssigned.class),
            client,
            CallMemory.ofThisProcess(),
            payloads,
            log,
            (pool, lane, from) -> finishedBefore,
            cancels,
            PoolSettings::exchange,
            new SimpleMeterRegistry(),
            timer,
            InstantSource.system(),
            System::nanoTime,
            settings);
    var engine = PoolEngine.start(entry, "node", environment);
    opened.add(engine);
    return engine;
  }

  private FakeTopic topic(Lane lane) {
    return java.util.Objects.requireNonNull(topics.get(lane));
  }

  private void write(Lane lane, String requestId, String model) {
    write(lane, Calls.call(requestId, lane, AnswerTo.RESULT, model));
  }

  private void write(Lane lane, CallAssigned call) {
    topic(lane).append(0, serializer.serialize("penstock.calls.alpha.batch", call));
  }

  private long committed(Lane lane) {
    return topic(lane).committed.values().stream().mapToLong(p -> p.offset()).sum();
  }

  private long finishedAbove(Lane lane) {
    return topic(lane).committed.values().stream()
        .map(position -> OffsetMetadata.decode(position.metadata()))
        .mapToLong(metadata -> metadata == null ? 0 : metadata.finished().cardinality())
        .sum();
  }
}
