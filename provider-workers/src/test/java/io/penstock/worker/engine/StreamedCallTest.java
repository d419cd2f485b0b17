package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.Continuation;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.http.ApacheUpstreamClient;
import io.penstock.worker.http.ScriptedServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams from a provider that does exactly what a test says, to a log in memory. */
class StreamedCallTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ApacheUpstreamClient client =
      new ApacheUpstreamClient(100, 1 << 20, Duration.ofSeconds(2));
  private final RecordingLog log = new RecordingLog();
  private final Cancels cancels = new Cancels(System::nanoTime);
  private final CallPolicy policy = Calls.policy();
  private Payloads payloads;

  @BeforeEach
  void openBlobs() throws IOException {
    payloads = new Payloads(new LocalBlobStore(folder));
  }

  @AfterEach
  void closeAll() {
    client.close();
    timer.shutdownNow();
  }

  @Test
  void aWholeStreamArrivesPieceByPieceAndItsEndSaysHowManyThereAre() throws Exception {
    try (var server =
        new ScriptedServer(
            peer -> peer.head().chunk("data: a\n\n").chunk("data: b\n\ndata: [DONE]\n\n").end())) {
      var end = (CallEnd.Succeeded) run(server, call());

      assertThat(text()).isEqualTo("data: a\n\ndata: b\n\ndata: [DONE]\n\ndata: [END]\n\n");
      var reply = java.util.Objects.requireNonNull(end.reply());
      assertThat(reply.getHttpStatus()).isEqualTo(200);
      assertThat(reply.getBody()).isNull();
      assertThat(reply.getPieces()).isEqualTo(log.pieces.size());
      assertThat(reply.getStartedAt()).isEqualTo(log.pieces.getFirst().getStartedAt());
      assertThat(reply.getWarnings()).containsExactly("left out");
      assertThat(log.pieces.getFirst().getHead().getWarnings()).containsExactly("left out");
      assertThat(end.finished().getAnswer()).isNull();
      assertThat(end.finished().getUsage().getOutputText()).isEqualTo(2);
      assertThat(end.finished().getFirstByteAt())
          .isBetween(end.finished().getStartedAt(), end.finished().getFinishedAt());
    }
  }

  @Test
  void bytesArriveUntouchedHoweverTheyWereCut() throws Exception {
    var all = "data: Grüße, \uD83D\uDE80\r\n\r\n: comment\r\n\r\ndata: [DONE]\r\n\r\n";
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.head();
              for (var one : all.getBytes(StandardCharsets.UTF_8)) {
                peer.chunk(new byte[] {one});
              }
              peer.end();
            })) {
      var end = run(server, call());

      assertThat(end).isInstanceOf(CallEnd.Succeeded.class);
      assertThat(text()).isEqualTo(all + "data: [END]\n\n");
    }
  }

  @Test
  void aProviderThatOnlyGreetsFailsUnseen() throws Exception {
    policy.setFirstByteTimeoutMs(200L);
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: role\n\n").silence())) {
      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.TIMEOUT);
      assertThat(failed.getDelivered()).isNull();
      assertThat(failed.getUsage()).isNotNull();
      assertThat(log.pieces).isEmpty();
    }
  }

  @Test
  void aCutAfterTheFirstPieceTellsHowFarItGot() throws Exception {
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.head().chunk("data: abc\n\n");
              await().until(() -> !log.pieces.isEmpty());
              peer.reset();
            })) {
      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CUT);
      assertThat(failed.getFailure().getMessage()).isEqualTo("the answer broke off");
      assertThat(StandardCharsets.UTF_8.decode(failed.getDelivered().getText()).toString())
          .isEqualTo("abc");
      assertThat(failed.getDelivered().getPieces()).isEqualTo(log.pieces.size());
      assertThat(failed.getUsage().getSource()).isEqualTo(UsageSource.ESTIMATED);
      assertThat(failed.getUsage().getOutputText()).isEqualTo(3);
    }
  }

  @Test
  void aStreamWithoutItsEndMarkIsNoAnswer() throws Exception {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: abc\n\n").end())) {
      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CUT);
      assertThat(failed.getFailure().getMessage()).isEqualTo("without its end");
      assertThat(failed.getDelivered()).isNotNull();
    }
  }

  @Test
  void aStallInTheMiddleEndsAfterTheRoutesOwnLimit() throws Exception {
    policy.setIdleTimeoutMs(200L);
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: abc\n\n").silence())) {
      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CUT);
      assertThat(failed.getFailure().getMessage()).isEqualTo("the answer fell silent");
      assertThat(failed.getDelivered()).isNotNull();
    }
  }

  @Test
  void aLivelyStreamEndsWithTheDeadlineOfItsRequest() throws Exception {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: abc\n\n").silence())) {
      var call = call();
      call.setDeadlineAt(Instant.now().plusMillis(300));

      var failed = failed(run(server, call));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.DEADLINE);
      assertThat(failed.getDelivered()).isNotNull();
      await().until(() -> server.hungUp.get() == 1);
    }
  }

  @Test
  void aRequestPastItsDeadlineIsNotCalled() throws Exception {
    try (var server = new ScriptedServer(peer -> peer.json("200 OK", "{}"))) {
      var call = call();
      call.setDeadlineAt(Instant.now().minusMillis(1));

      var failed = failed(run(server, call));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.DEADLINE);
      assertThat(server.requests).hasValue(0);
    }
  }

  @Test
  void anErrorInsteadOfAStreamFailsUnseen() throws Exception {
    try (var server = new ScriptedServer(peer -> peer.json("200 OK", "{\"error\":1}"))) {
      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getMessage()).isEqualTo("error in a 200");
      assertThat(failed.getDelivered()).isNull();
    }
  }

  @Test
  void aWholeAnswerInsteadOfAStreamIsTurnedIntoOne() throws Exception {
    try (var server = new ScriptedServer(peer -> peer.json("200 OK", "{\"whole\":1}"))) {
      var end = (CallEnd.Succeeded) run(server, call());

      var reply = java.util.Objects.requireNonNull(end.reply());
      assertThat(reply.getPieces()).isEqualTo(1);
      assertThat(reply.getBody()).isNull();
      assertThat(text()).isEqualTo("data: {\"whole\":1}\n\ndata: [END]\n\n");
    }
  }

  @Test
  void aBufferedStreamIsSeenOnlyWhenItIsKnownToBeGood() throws Exception {
    policy.setBuffered(true);
    var goOn = new CountDownLatch(1);
    var took = new CountDownLatch(1);
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.head().chunk("data: abc\n\n");
              took.countDown();
              peer.await(goOn).chunk("data: [DONE]\n\n").end();
            })) {
      var running = start(server, call());
      took.await();
      assertThat(log.pieces).isEmpty();
      goOn.countDown();

      assertThat(running.get(20, TimeUnit.SECONDS)).isInstanceOf(CallEnd.Succeeded.class);
      assertThat(text()).isEqualTo("data: abc\n\ndata: [DONE]\n\ndata: [END]\n\n");
    }
  }

  @Test
  void aBufferedStreamThatFailsIsNeverSeen() throws Exception {
    policy.setBuffered(true);
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: abc\n\n").end())) {
      var failed = failed(run(server, call()));

      assertThat(failed.getDelivered()).isNull();
      assertThat(log.pieces).isEmpty();
      assertThat(failed.getUsage().getOutputText()).isEqualTo(3);
    }
  }

  @Test
  void whatIsKeptToItsEndIsBounded() throws Exception {
    policy.setBuffered(true);
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.head();
              for (int i = 0; i < 1000; i++) {
                peer.chunk("data: " + "x".repeat(1000) + "\n\n");
              }
              peer.silence();
            })) {
      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.UNUSABLE);
      assertThat(log.pieces).isEmpty();
    }
  }

  @Test
  void aStreamForSomebodyWhoComesBackIsKept() throws Exception {
    try (var server =
        new ScriptedServer(
            peer -> peer.head().chunk("data: a\n\n").chunk("data: [DONE]\n\n").end())) {
      var call = Calls.call("r", Lane.BATCH, AnswerTo.RESULT, "m");
      call.setPolicy(policy);

      var end = (CallEnd.Succeeded) run(server, call);

      assertThat(end.reply()).isNull();
      assertThat(log.pieces).isEmpty();
      assertThat(payloads.unpack(end.finished().getAnswer()))
          .asString()
          .isEqualTo("data: a\n\ndata: [DONE]\n\ndata: [END]\n\n");
    }
  }

  @Test
  void aCallThatGoesOnWithAnAnswerGoesOnWithItsNumbers() throws Exception {
    try (var server =
        new ScriptedServer(peer -> peer.head().chunk("data: b\n\ndata: [DONE]\n\n").end())) {
      var end = (CallEnd.Succeeded) run(server, continued());

      assertThat(log.pieces.getFirst().getSequence()).isEqualTo(5);
      assertThat(log.pieces.getFirst().getHead()).isNotNull();
      assertThat(java.util.Objects.requireNonNull(end.reply()).getPieces())
          .isEqualTo(5 + log.pieces.size());
    }
  }

  @Test
  void aCallThatFailsBeforeItGoesOnLeavesWhatTheCallerHasSeen() throws Exception {
    try (var server = new ScriptedServer(peer -> peer.json("500 Oh", "{}"))) {
      var failed = failed(run(server, continued()));

      assertThat(failed.getDelivered().getPieces()).isEqualTo(5);
    }
  }

  @Test
  void aPieceThatIsLostIsNotPassedOver() throws Exception {
    log.losing = true;
    try (var server =
        new ScriptedServer(
            peer -> peer.head().chunk("data: b\n\n").chunk("data: [DONE]\n\n").end())) {
      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CUT);
      assertThat(failed.getDelivered().getContinuable()).isFalse();
    }
  }

  @Test
  void aMistakeOfOursInTheMiddleTellsTheRouterHowFarItGot() throws Exception {
    try (var server =
        new ScriptedServer(
            peer -> {
              peer.head().chunk("data: b\n\n");
              await().until(() -> !log.pieces.isEmpty());
              peer.chunk("data: bug\n\n").silence();
            })) {
      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.UNKNOWN);
      assertThat(failed.getDelivered().getPieces()).isEqualTo(1);
      assertThat(failed.getDelivered().getContinuable()).isFalse();
    }
  }

  @RepeatedTest(20)
  void aCancelReachesARunningStreamAtOnceAndIsBilledForWhatWasProduced() throws Exception {
    try (var server = new ScriptedServer(peer -> peer.head().chunk("data: abc\n\n").silence())) {
      var running = start(server, call());
      await().pollInterval(Duration.ofMillis(2)).until(() -> !log.pieces.isEmpty());

      cancels.cancel("r");

      var failed = failed(running.get(1, TimeUnit.SECONDS));
      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CANCELLED);
      assertThat(failed.getUsage().getOutputText()).isEqualTo(3);
      assertThat(failed.getDelivered().getPieces()).isEqualTo(1);
      await().atMost(Duration.ofSeconds(1)).until(() -> server.hungUp.get() == 1);
    }
  }

  @Test
  void aCancelReachesACallThatWaitsForItsWholeAnswer() throws Exception {
    try (var server = new ScriptedServer(ScriptedServer.Peer::silence)) {
      var running = start(server, call(), false);
      await().until(() -> server.requests.get() == 1);

      cancels.cancel("r");

      var failed = failed(running.get(1, TimeUnit.SECONDS));
      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CANCELLED);
    }
  }

  @Test
  void aCallThatComesAfterItsCancelIsNotMade() throws Exception {
    try (var server = new ScriptedServer(ScriptedServer.Peer::silence)) {
      cancels.cancel("r");

      var failed = failed(run(server, call()));

      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CANCELLED);
      assertThat(failed.getUsage()).isNull();
      assertThat(server.requests).hasValue(0);
    }
  }

  private CallAssigned call() {
    var call = Calls.call("r", Lane.INTERACTIVE, AnswerTo.REPLY, "m");
    call.setPolicy(policy);
    return call;
  }

  private CallAssigned continued() {
    var call = call();
    call.setContinuation(
        new Continuation(
            Delivered.newBuilder()
                .setText(ByteBuffer.wrap(new byte[] {'a'}))
                .setPieces(5)
                .setEvents(1)
                .setAnswerId("id")
                .setAnswerModel("m")
                .setAnswerAt(Calls.ASSIGNED)
                .setContinuable(true)
                .build(),
            ContinueBy.PREFILL));
    return call;
  }

  private CallEnd run(ScriptedServer server, CallAssigned call) throws Exception {
    return start(server, call).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private Future<CallEnd> start(ScriptedServer server, CallAssigned call) {
    return start(server, call, true);
  }

  private Future<CallEnd> start(ScriptedServer server, CallAssigned assigned, boolean streams) {
    var runner =
        new CallRunner(
            PoolSettings.of(Calls.pool(server.uri().toString())),
            new CallRunner.Outside(
                client,
                CallMemory.ofThisProcess(),
                payloads,
                log,
                cancels,
                (_, _, _) -> new PlainExchange(streams),
                timer,
                100_000,
                InstantSource.system(),
                System::nanoTime));
    var progress =
        new PartitionProgress(
            new TopicPartition("calls", 0), new CompletedOffsets(0), java.util.Set.of(), 0);
    var call = new Call(assigned, progress, 0, new LaneLoad(10, 1000), 0, null);
    var end = new CompletableFuture<CallEnd>();
    Thread.startVirtualThread(() -> end.complete(runner.run(call, new Credential(null), 10)));
    return end;
  }

  private static CallFailed failed(CallEnd end) {
    assertThat(end).isInstanceOf(CallEnd.Failed.class);
    return ((CallEnd.Failed) end).failed();
  }

  private String text() {
    return log.pieces.stream()
        .map(piece -> StandardCharsets.UTF_8.decode(piece.getData().duplicate()).toString())
        .collect(Collectors.joining());
  }
}
