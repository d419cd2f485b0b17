package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.worker.http.ApacheUpstreamClient;
import io.penstock.worker.http.ScriptedServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine with streams, cancels and an orderly stop. */
class PoolEngineStreamTest {

  private static final RecordSerdes SERDES = RecordSerdes.inMemory("pool-engine-stream");
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration AT_ONCE = Duration.ofMillis(900);

  @TempDir private Path folder;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ApacheUpstreamClient client =
      new ApacheUpstreamClient(2000, 1 << 20, Duration.ofSeconds(2));
  private final RecordingLog log = new RecordingLog();
  private final Map<Lane, FakeTopic> topics =
      new EnumMap<>(Map.of(Lane.INTERACTIVE, new FakeTopic(1), Lane.BATCH, new FakeTopic(1)));
  private final Serializer<CallAssigned> serializer = SERDES.serializer();
  private final Cancels cancels = new Cancels(System::nanoTime);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private Payloads payloads;

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
  void manyStreamsAtOnceArriveWholeAndInOrder() throws Exception {
    var server =
        server(
            peer -> {
              peer.head();
              for (int i = 0; i < 20; i++) {
                peer.chunk("data: " + i + "\n\n");
              }
              peer.chunk("data: [DONE]\n\n").end();
            });
    for (int i = 0; i < 300; i++) {
      write("r" + i);
    }

    start(server, 100);

    await().atMost(PATIENCE).until(() -> log.finished.size() == 300);
    var expected = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      expected.append("data: ").append(i).append("\n\n");
    }
    expected.append("data: [DONE]\n\ndata: [END]\n\n");
    var byRequest = log.pieces.stream().collect(Collectors.groupingBy(ReplyChunk::getRequestId));
    assertThat(byRequest).hasSize(300);
    byRequest.values().forEach(pieces -> assertThat(text(pieces)).isEqualTo(expected.toString()));
    assertThat(log.replies)
        .hasSize(300)
        .allSatisfy(
            reply ->
                assertThat(reply.getPieces())
                    .isEqualTo(Objects.requireNonNull(byRequest.get(reply.getRequestId())).size()));
  }

  @Test
  void aStopLetsStreamsEndThatEndInTime() throws Exception {
    var goOn = new CountDownLatch(1);
    var server =
        server(
            peer -> peer.head().chunk("data: a\n\n").await(goOn).chunk("data: [DONE]\n\n").end());
    write("r");
    var engine = start(server, 10);
    await().atMost(PATIENCE).until(() -> log.pieces.size() == 1);
    var stop = Thread.ofPlatform().start(engine::close);

    goOn.countDown();
    stop.join();

    assertThat(log.finished).hasSize(1);
    assertThat(log.failed).isEmpty();
    assertThat(committed().offset()).isEqualTo(1);
  }

  @Test
  void aStopHandsStreamsOverThatTakeTooLongAndLeavesTheUnseenToTheNextOwner() throws Exception {
    var server =
        server(
            peer -> {
              if (log.pieces.isEmpty()) {
                peer.head().chunk("data: abc\n\n").silence();
              }
              peer.head().silence();
            });
    write("seen");
    var engine = start(server, 10);
    await().atMost(PATIENCE).until(() -> log.pieces.size() == 1);
    write("unseen");
    await().atMost(PATIENCE).until(() -> server.requests.get() == 2);

    engine.close();

    assertThat(log.failed).hasSize(1);
    var failed = log.failed.getFirst();
    assertThat(failed.getRequestId()).isEqualTo("seen");
    assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CUT);
    assertThat(failed.getDelivered().getPieces()).isEqualTo(1);
    assertThat(failed.getUsage()).isNotNull();
    assertThat(committed().offset()).isEqualTo(1);
  }

  @RepeatedTest(20)
  void aCancelReachesAWaitingCallAtOnce() throws Exception {
    var server = server(ScriptedServer.Peer::silence);
    write("running");
    start(server, 1);
    await()
        .pollInterval(Duration.ofMillis(2))
        .atMost(PATIENCE)
        .until(() -> server.requests.get() == 1);
    write("waiting");

    cancels.cancel("waiting");

    await().pollInterval(Duration.ofMillis(5)).atMost(AT_ONCE).until(() -> log.failed.size() == 1);
    var failed = log.failed.getFirst();
    assertThat(failed.getRequestId()).isEqualTo("waiting");
    assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.CANCELLED);
    assertThat(failed.getUsage()).isNull();
    assertThat(server.requests).hasValue(1);
    cancels.cancel("running");
    await().atMost(AT_ONCE).until(() -> log.failed.size() == 2);
  }

  @Test
  void aCancelGivesItsPermitToTheNextCall() throws Exception {
    var server =
        server(
            peer -> {
              if (log.pieces.isEmpty()) {
                peer.head().chunk("data: abc\n\n").silence();
              }
              peer.head().chunk("data: b\n\ndata: [DONE]\n\n").end();
            });
    write("first");
    start(server, 1);
    await().atMost(PATIENCE).until(() -> log.pieces.size() == 1);
    write("second");

    cancels.cancel("first");

    await().atMost(AT_ONCE).until(() -> log.finished.size() == 1);
    assertThat(log.failed.getFirst().getFailure().getKind()).isEqualTo(FailureKind.CANCELLED);
    assertThat(log.finished.getFirst().getRequestId()).isEqualTo("second");
  }

  private ScriptedServer server(ScriptedServer.Script script) throws IOException {
    var server = new ScriptedServer(script);
    opened.add(server);
    return server;
  }

  private PoolEngine start(ScriptedServer server, long concurrency) {
    var entry = Calls.pool(server.uri().toString());
    entry.setConcurrencyMax(concurrency);
    var standard = EngineSettings.standard();
    var settings =
        new EngineSettings(
            Duration.ofMillis(500),
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
            (pool, lane, from) -> Set.of(),
            cancels,
            (_, _, _) -> new PlainExchange(true),
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
    return Objects.requireNonNull(topics.get(lane));
  }

  private void write(String requestId) {
    topic(Lane.INTERACTIVE)
        .append(
            0,
            serializer.serialize(
                Calls.TOPIC, Calls.call(requestId, Lane.INTERACTIVE, AnswerTo.REPLY, "m")));
  }

  private CallSource.Position committed() {
    return Objects.requireNonNull(
        topic(Lane.INTERACTIVE).committed.get(new TopicPartition("calls", 0)));
  }

  private static String text(List<ReplyChunk> pieces) {
    return pieces.stream()
        .sorted(Comparator.comparingInt(ReplyChunk::getSequence))
        .map(piece -> StandardCharsets.UTF_8.decode(piece.getData().duplicate()).toString())
        .collect(Collectors.joining());
  }
}
