package io.penstock.ingress.batches;

import static io.penstock.ingress.batches.BatchFixture.LIMITS;
import static io.penstock.ingress.batches.BatchFixture.T0;
import static io.penstock.ingress.batches.BatchFixture.lines;
import static io.penstock.ingress.batches.BatchFixture.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.Stop;
import io.penstock.ingress.jobs.Tally;
import io.penstock.ingress.jobs.Work;
import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.avro.BatchFilesWritten;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinaliserTest {

  private static final String BATCH = "batch_01hx";
  private static final String OUTPUT = "file-01hx-output";
  private static final String ERROR = "file-01hx-error";

  @TempDir Path directory = Path.of("set by JUnit");
  private final FakeJobView view = new FakeJobView();
  private BatchFixture fixture;
  private Finaliser finaliser;

  @SuppressWarnings("NullAway.Init") // JUnit calls start before anything else
  FinaliserTest() {}

  @BeforeEach
  void start() throws IOException {
    fixture = new BatchFixture(directory);
    finaliser =
        new Finaliser(
            fixture.files,
            view,
            new FinishedLines(new Payloads(fixture.blobs)),
            fixture.blobs,
            LIMITS,
            fixture.clock);
  }

  @Test
  void everyLineEndsInOneOfTheTwoFilesInTheOrderOfTheInput() throws IOException {
    var terms = fixture.batch(BATCH, "acme", lines(1, 3));
    view.put(3, Outcome.SUCCEEDED, 200);
    view.put(2, Outcome.FAILED, 400);
    view.put(1, Outcome.SUCCEEDED, 200);

    var written = finaliser.write(writing(terms, 3, 3, null));

    assertThat(written).isEqualTo(new BatchFilesWritten(BATCH, OUTPUT, ERROR, 2L, 1L, T0));
    assertThat(fixture.content("acme", OUTPUT))
        .isEqualTo(
            """
            {"id":"batch_req_01hx-00000001","custom_id":"id-1","response":{"status_code":200,"request_id":"request-1","body":{"n":1}},"error":null}
            {"id":"batch_req_01hx-00000003","custom_id":"id-3","response":{"status_code":200,"request_id":"request-3","body":{"n":3}},"error":null}
            """);
    assertThat(fixture.content("acme", ERROR))
        .isEqualTo(
            """
            {"id":"batch_req_01hx-00000002","custom_id":"id-2","response":{"status_code":400,"request_id":"request-2","body":{"n":2}},"error":null}
            """);
    var file = fixture.files.find("acme", OUTPUT);
    assertThat(file).isNotNull();
    assertThat(file.purpose()).isEqualTo("batch_output");
    assertThat(file.filename()).isEqualTo(BATCH + "_output.jsonl");
  }

  @Test
  void writingTwiceLeavesTheSameTwoFiles() throws IOException {
    var terms = fixture.batch(BATCH, "acme", lines(1, 2));
    view.put(1, Outcome.SUCCEEDED, 200);
    view.put(2, Outcome.SUCCEEDED, 200);
    var first = finaliser.write(writing(terms, 2, 2, null));
    var content = fixture.content("acme", OUTPUT);

    var second = finaliser.write(writing(terms, 2, 2, null));

    assertThat(second).isEqualTo(first);
    assertThat(fixture.content("acme", OUTPUT)).isEqualTo(content);
  }

  @Test
  void aFileWithoutLinesDoesNotExist() throws IOException {
    var terms = fixture.batch(BATCH, "acme", lines(1, 1));
    view.put(1, Outcome.FAILED, 500);

    var written = finaliser.write(writing(terms, 1, 1, null));

    assertThat(written.getOutputFile()).isNull();
    assertThat(written.getErrorFile()).isEqualTo(ERROR);
    assertThat(fixture.files.find("acme", OUTPUT)).isNull();
  }

  @Test
  void linesWithoutAResultOfACancelledBatchSaySo() throws IOException {
    var terms = fixture.batch(BATCH, "acme", "\n" + lines(2, 2) + "\r\n" + lines(4, 5));
    view.put(4, Outcome.SUCCEEDED, 200);

    var written = finaliser.write(writing(terms, 3, 1, Stop.Reason.CANCELLED));

    assertThat(written.getOutputLines()).isEqualTo(1);
    assertThat(fixture.content("acme", ERROR))
        .isEqualTo(
            """
            {"id":"batch_req_01hx-00000002","custom_id":"id-2","response":null,"error":{"code":"batch_cancelled","message":"This request was not executed because the batch was cancelled."}}
            {"id":"batch_req_01hx-00000005","custom_id":"id-5","response":null,"error":{"code":"batch_cancelled","message":"This request was not executed because the batch was cancelled."}}
            """);
  }

  @Test
  void linesWithoutAResultOfAnExpiredBatchSaySo() throws IOException {
    var terms = fixture.batch(BATCH, "acme", lines(1, 1));

    var written = finaliser.write(writing(terms, 1, 0, Stop.Reason.EXPIRED));

    assertThat(written).isEqualTo(new BatchFilesWritten(BATCH, null, ERROR, 0L, 1L, T0));
    assertThat(fixture.content("acme", ERROR)).contains("\"code\":\"batch_expired\"");
  }

  @Test
  void aBatchIsNotEndedWhenLinesAreMissing() throws IOException {
    var terms = fixture.batch(BATCH, "acme", lines(1, 2));
    view.put(1, Outcome.SUCCEEDED, 200);

    assertThatThrownBy(() -> finaliser.write(writing(terms, 2, 2, null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has 2 requests, but 1 lines were found");
    assertThat(fixture.files.find("acme", OUTPUT)).isNull();
  }

  @Test
  void aStoppedBatchWhoseInputFileIsGoneKeepsTheLinesThatHaveEnded() throws IOException {
    var terms = fixture.batch(BATCH, "acme", lines(1, 2));
    view.put(1, Outcome.SUCCEEDED, 200);
    fixture.files.delete("acme", terms.inputFile());

    var written = finaliser.write(writing(terms, 2, 1, Stop.Reason.CANCELLED));

    assertThat(written).isEqualTo(new BatchFilesWritten(BATCH, OUTPUT, null, 1L, 0L, T0));
  }

  @Test
  void moreThanAPageOfLinesIsWrittenWhole() throws IOException {
    var terms = fixture.batch(BATCH, "acme", lines(1, 1));
    for (int i = 1; i <= 200; i++) {
      view.put(2 * i, Outcome.SUCCEEDED, 200);
    }

    var written = finaliser.write(writing(terms, 200, 200, null));

    assertThat(written.getOutputLines()).isEqualTo(200);
    assertThat(fixture.content("acme", OUTPUT)).hasLineCount(200);
  }

  @Test
  void aSweepCancelsWhatWasDispatchedAndHasNotEnded() throws Exception {
    var terms = fixture.batch(BATCH, "acme", "\n" + lines(2, 6));
    view.put(3, Outcome.SUCCEEDED, 200);
    var outbox = new RecordingOutbox();
    var sweep = new CancelSweep(fixture.files, view, outbox, LIMITS, fixture.clock);
    var stop = new Stop(Stop.Reason.CANCELLED, T0);

    sweep.run(running(terms, 5, new Cursor(3, 0, 5, true), 1, stop));

    assertThat(outbox.requests)
        .extracting(record -> ((CancelRequested) record).getRequestId())
        .containsExactly("batch_01hx-00000002", "batch_01hx-00000004");
  }

  private static Writing writing(
      BatchTerms terms, long requests, long finished, Stop.@Nullable Reason reason) {
    return new Writing(
        terms,
        new Work(requests, "smart", T0),
        Cursor.START,
        new Tally(finished, 0, 0, 0, 0, 0, 0, 0),
        reason == null ? null : new Stop(reason, T0),
        T0);
  }
}
