package io.penstock.ingress.batches;

import static io.penstock.ingress.batches.BatchFixture.LIMITS;
import static io.penstock.ingress.batches.BatchFixture.T0;
import static io.penstock.ingress.batches.BatchFixture.line;
import static io.penstock.ingress.batches.BatchFixture.lines;
import static io.penstock.ingress.batches.BatchFixture.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.http.DiskReserve;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.Stop;
import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BatchAdvanced;
import io.penstock.schemas.avro.BatchCancelRequested;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PumpTest {

  private static final Instant LATER = T0.plusSeconds(1);
  private static final Stop CANCELLED = new Stop(Stop.Reason.CANCELLED, T0);

  @TempDir Path directory = Path.of("set by JUnit");
  private final RecordingOutbox outbox = new RecordingOutbox();
  private final AtomicLong free = new AtomicLong(Long.MAX_VALUE);
  private BatchFixture fixture;
  private Pump pump;

  @SuppressWarnings("NullAway.Init") // JUnit calls start before anything else
  PumpTest() {}

  @BeforeEach
  void start() throws IOException {
    fixture = new BatchFixture(directory);
    pump = pump(LIMITS);
  }

  @AfterEach
  void stop() {
    pump.close();
  }

  @Test
  void aLineBecomesARequestWithTheBodyByteForByte() throws IOException {
    var content = "\n\r\n" + line("\u00e9-1", "\u20ac \\u00e9") + "\r\n";
    var batch = fixture.batch("batch_1", "acme", content);

    pump.pass(List.of(running(batch, 1)), T0);

    assertThat(outbox.inferences())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getRequestId()).isEqualTo("batch_1-00000003");
              assertThat(request.getOrganization()).isEqualTo("acme");
              assertThat(request.getApiKey()).isEqualTo("key_1");
              assertThat(request.getProject()).isEqualTo("project");
              assertThat(request.getModel()).isEqualTo("smart");
              assertThat(request.getSurface()).isEqualTo(Surface.OPENAI_CHAT);
              assertThat(request.getLane()).isEqualTo(Lane.BATCH);
              assertThat(request.getAnswerTo()).isEqualTo(AnswerTo.RESULT);
              assertThat(request.getJob()).isEqualTo("batch_1");
              assertThat(request.getLine().getLine()).isEqualTo(3);
              assertThat(request.getLine().getCustomId()).isEqualTo("\u00e9-1");
              assertThat(request.getDeadlineAt()).isEqualTo(batch.expiresAt());
              assertThat(body(request)).isEqualTo(BatchFixture.body("\u20ac \\u00e9"));
            });
  }

  @Test
  void aLargeBodyTravelsAsAReference() throws IOException {
    var prompt = "x".repeat(Payloads.INLINE_BYTES_MAX);
    var batch = fixture.batch("batch_1", "acme", line("a", prompt));

    pump.pass(List.of(running(batch, 1)), T0);

    var body = outbox.inferences().getFirst().getBody();
    assertThat(body.getInline()).isNull();
    assertThat(new Payloads(fixture.blobs).unpack(body))
        .isEqualTo(BatchFixture.body(prompt).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void noMoreThanAWindowIsInFlightAndFinishedLinesMakeRoom() throws IOException {
    var batch = fixture.batch("batch_1", "acme", lines(1, 50));

    pump.pass(List.of(running(batch, 50)), T0);
    assertThat(numbers()).hasSize(10);

    pump.pass(List.of(running(batch, 50, Cursor.START, 3, null)), T0);
    assertThat(numbers()).hasSize(13);

    pump.pass(List.of(running(batch, 50, Cursor.START, 3, null)), T0);
    assertThat(numbers()).hasSize(13);
  }

  @Test
  void bodiesFillTheWindowToo() throws IOException {
    var prompt = "x".repeat(100_000);
    var content = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      content.append(line("id-" + i, prompt)).append('\n');
    }
    var batch = fixture.batch("batch_1", "acme", content.toString());
    var limits =
        new BatchesConfig(
            100, 250_000, 1_000, 4, 100, 1 << 20, Duration.ofHours(24), Duration.ofMinutes(1));
    try (var small = pump(limits)) {
      small.pass(List.of(running(batch, 8)), T0);
      assertThat(numbers()).hasSize(3);

      small.pass(List.of(running(batch, 8, Cursor.START, 2, null)), T0);
      assertThat(numbers()).hasSize(5);
    }
  }

  @Test
  void theCursorIsReportedOnlyAsFarAsLinesAreOnTheLog() throws IOException {
    var batch = fixture.batch("batch_1", "acme", lines(1, 50));
    outbox.hold();

    pump.pass(List.of(running(batch, 50)), T0);
    pump.pass(List.of(running(batch, 50)), LATER);
    assertThat(outbox.reports()).isEmpty();

    outbox.acknowledge(5);
    pump.pass(List.of(running(batch, 50)), LATER);

    // turns of four lines: the first is certain, the second is not
    var offset = lines(1, 4).length();
    assertThat(outbox.reports())
        .containsExactly(new BatchAdvanced("batch_1", 4L, (long) offset, 5L, false, LATER));
  }

  @Test
  void aNewPumpGoesOnFromTheReportAndRepeatsTheSameIds() throws IOException {
    var content =
        "\r\n"
            + lines(1, 4).replace("\n", "\r\n")
            + "\n \n"
            + lines(5, 9)
            + line("\u20ac", "\u20ac");
    var batch = fixture.batch("batch_1", "acme", content);
    outbox.hold();
    pump.pass(List.of(running(batch, 10)), T0);
    outbox.acknowledge(8);
    pump.pass(List.of(running(batch, 10)), LATER);
    var first = List.copyOf(numbers());
    var report = outbox.reports().getLast();
    outbox.requests.clear();

    var cursor =
        new Cursor(report.getDispatched(), report.getNextOffset(), report.getNextLine(), false);
    try (var next = pump(LIMITS)) {
      next.pass(List.of(running(batch, 10, cursor, 8, null)), LATER);
    }

    assertThat(first).containsExactly(2L, 3L, 4L, 5L, 8L, 9L, 10L, 11L, 12L, 13L);
    assertThat(report.getDispatched()).isEqualTo(8);
    assertThat(numbers()).containsExactly(12L, 13L);
    assertThat(outbox.inferences().getLast().getLine().getCustomId()).isEqualTo("\u20ac");
  }

  @Test
  void aSmallBatchDoesNotWaitForAHugeOne() throws IOException {
    var huge = fixture.batch("batch_huge", "acme", lines(1, 500));
    var small = fixture.batch("batch_small", "globex", lines(1, 4));
    var limits =
        new BatchesConfig(
            400, 1 << 20, 16, 4, 1_000, 1 << 20, Duration.ofHours(24), Duration.ofMinutes(1));
    try (var shared = pump(limits)) {
      shared.pass(List.of(running(huge, 500), running(small, 4)), T0);
    }

    assertThat(outbox.inferences().stream().limit(8).map(InferenceRequested::getOrganization))
        .filteredOn("globex"::equals)
        .hasSize(4);
    assertThat(outbox.inferences()).hasSize(16);
  }

  @Test
  void aStoppedBatchSendsNothingMoreAndSaysSoOnceAllOfItIsOnTheLog() throws IOException {
    var batch = fixture.batch("batch_1", "acme", lines(1, 50));
    outbox.hold();
    pump.pass(List.of(running(batch, 50)), T0);

    pump.pass(List.of(running(batch, 50, Cursor.START, 2, CANCELLED)), LATER);
    assertThat(outbox.reports()).isEmpty();
    outbox.acknowledge(10);
    pump.pass(List.of(running(batch, 50, Cursor.START, 2, CANCELLED)), LATER);

    assertThat(numbers()).hasSize(10);
    assertThat(outbox.reports())
        .anySatisfy(
            report -> {
              assertThat(report.getStopped()).isTrue();
              assertThat(report.getDispatched()).isEqualTo(10);
            });
  }

  @Test
  void afterARestartAStoppedBatchGetsTimeForLinesThatNobodyRemembers() throws IOException {
    var batch = fixture.batch("batch_1", "acme", lines(1, 50));
    var state = running(batch, 50, new Cursor(4, 400, 5, false), 2, CANCELLED);

    pump.pass(List.of(state), T0);
    assertThat(outbox.reports()).isEmpty();
    pump.pass(List.of(state), T0.plusSeconds(5));

    assertThat(outbox.reports())
        .containsExactly(new BatchAdvanced("batch_1", 4L, 400L, 5L, true, T0.plusSeconds(5)));
    assertThat(outbox.inferences()).isEmpty();
  }

  @Test
  void aLineThatCouldNotBeSentIsSentAgainFromTheLastReport() throws IOException {
    var batch = fixture.batch("batch_1", "acme", lines(1, 6));
    outbox.hold();
    pump.pass(List.of(running(batch, 6)), T0);
    outbox.acknowledge(4);
    outbox.refuse();
    outbox.requests.clear();

    pump.pass(List.of(running(batch, 6)), T0);
    pump.pass(List.of(running(batch, 6)), LATER);

    assertThat(numbers()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(outbox.reports()).isEmpty();
  }

  @Test
  void linesWaitForSpaceOnTheDiskAndGoOnWhenThereIsSome() throws IOException {
    var batch = fixture.batch("batch_1", "acme", lines(1, 6));
    free.set(999);
    pump.pass(List.of(running(batch, 6)), T0);
    assertThat(numbers()).isEmpty();

    free.set(1_000);
    pump.pass(List.of(running(batch, 6)), LATER);

    assertThat(numbers()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void aBatchThatMovedAwayIsLetGo() throws IOException {
    var batch = fixture.batch("batch_1", "acme", lines(1, 50));
    pump.pass(List.of(running(batch, 50)), T0);

    pump.pass(List.of(), LATER);
    pump.pass(
        List.of(running(batch, 50, new Cursor(20, lines(1, 20).length(), 21, false), 20, null)),
        LATER);

    assertThat(numbers()).startsWith(1L, 2L).endsWith(29L, 30L).hasSize(20);
  }

  @Test
  void aBatchWhoseFileWasDeletedIsCancelled() throws IOException {
    var batch = fixture.batch("batch_1", "acme", lines(1, 50));
    fixture.files.delete("acme", batch.inputFile());

    pump.pass(List.of(running(batch, 50)), T0);
    pump.pass(List.of(running(batch, 50)), LATER);

    assertThat(outbox.events).containsExactly(new BatchCancelRequested("batch_1", T0));
  }

  private Pump pump(BatchesConfig limits) {
    return new Pump(
        fixture.files,
        new LineRequests(new Payloads(fixture.blobs)),
        outbox,
        new DiskReserve(free::get, 1_000),
        limits);
  }

  private List<Long> numbers() {
    return outbox.inferences().stream().map(request -> request.getLine().getLine()).toList();
  }

  private static String body(InferenceRequested request) {
    return StandardCharsets.UTF_8.decode(request.getBody().getInline().duplicate()).toString();
  }
}
