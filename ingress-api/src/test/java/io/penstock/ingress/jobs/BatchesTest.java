package io.penstock.ingress.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.jobs.BatchEvent.Advanced;
import io.penstock.ingress.jobs.BatchEvent.CancelRequested;
import io.penstock.ingress.jobs.BatchEvent.Created;
import io.penstock.ingress.jobs.BatchEvent.Expired;
import io.penstock.ingress.jobs.BatchEvent.FilesWritten;
import io.penstock.ingress.jobs.BatchEvent.LineFinished;
import io.penstock.ingress.jobs.BatchEvent.Rejected;
import io.penstock.ingress.jobs.BatchEvent.Sighting;
import io.penstock.ingress.jobs.BatchEvent.Tick;
import io.penstock.ingress.jobs.BatchEvent.Validated;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Unknown;
import io.penstock.ingress.jobs.BatchState.Validating;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.Decision.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BatchesTest {

  private static final Instant T0 = Instant.parse("2026-01-02T03:04:05Z");
  private static final Duration GRACE = Duration.ofMinutes(10);
  private static final BatchTerms TERMS =
      new BatchTerms(
          "batch_1",
          "acme",
          "key_1",
          null,
          null,
          "file-1",
          "/v1/chat/completions",
          "24h",
          Map.of("k", "v"),
          null,
          T0,
          T0.plusSeconds(86_400));
  private static final Tally GOOD = new Tally(1, 0, 0, 10, 4, 5, 2, 700);
  private static final Tally BAD = new Tally(0, 1, 2, 0, 0, 0, 0, 0);
  private static final OutputFiles FILES = new OutputFiles("file-o", "file-e", 1, 1);

  private static final Created CREATED = new Created(TERMS);
  private static final Validated VALIDATED = new Validated(2, "m", T0);
  private static final Rejected REJECTED =
      new Rejected(List.of(new LineProblem("invalid_json_line", "bad", null, 7L)), T0);
  private static final CancelRequested CANCEL = new CancelRequested(T0.plusSeconds(5));
  private static final Expired EXPIRED = new Expired(T0.plusSeconds(86_400));
  private static final FilesWritten WRITTEN = new FilesWritten(FILES, T0.plusSeconds(9));

  @Test
  void aCreatedBatchIsListedAndItsFileIsRead() {
    var decision = Batches.decide(new Unknown(), CREATED);

    assertThat(decision.next()).isEqualTo(new Validating(TERMS));
    assertThat(decision.effects()).containsExactly(Effect.LIST);
  }

  @Test
  void aBadFileFailsTheBatchWithItsProblems() {
    var decision = Batches.decide(given(CREATED), REJECTED);

    assertThat(decision.effects()).containsExactly(Effect.RELEASE);
    assertThat(decision.next())
        .isInstanceOfSatisfying(
            Ended.class,
            ended -> {
              assertThat(ended.ending()).isEqualTo(Ending.FAILED);
              assertThat(ended.problems()).isEqualTo(REJECTED.problems());
              assertThat(ended.files()).isEqualTo(OutputFiles.NONE);
            });
  }

  @Test
  void theLastLineBeginsWritingEvenWhenThePumpHasNotReportedYet() {
    var state = given(CREATED, VALIDATED, good());

    var decision = Batches.decide(state, bad());

    assertThat(decision.effects()).containsExactly(Effect.KEEP_LINE);
    assertThat(decision.next())
        .isInstanceOfSatisfying(
            Writing.class,
            writing -> {
              assertThat(writing.tally()).isEqualTo(new Tally(1, 1, 2, 10, 4, 5, 2, 700));
              assertThat(writing.at()).isEqualTo(T0.plusSeconds(3));
            });
  }

  @Test
  void writtenFilesCountsAndStatusBecomeVisibleAtOnce() {
    var state = given(CREATED, VALIDATED, good(), bad());

    var decision = Batches.decide(state, WRITTEN);

    assertThat(decision.effects()).containsExactly(Effect.RELEASE);
    assertThat(decision.next())
        .isInstanceOfSatisfying(
            Ended.class,
            ended -> {
              assertThat(ended.ending()).isEqualTo(Ending.COMPLETED);
              assertThat(ended.files()).isEqualTo(FILES);
              assertThat(ended.tally().chargeNanoUsd()).isEqualTo(700);
              assertThat(ended.writingAt()).isEqualTo(T0.plusSeconds(3));
              assertThat(ended.at()).isEqualTo(WRITTEN.at());
            });
  }

  @Test
  void aSecondResultOfALineIsIgnored() {
    var state = given(CREATED, VALIDATED, good());

    var again = Batches.decide(state, new LineFinished(Sighting.AGAIN, GOOD, T0));

    assertThat(again).isEqualTo(Decision.ignore(state));
  }

  @Test
  void aReportOfAReplacedPumpDoesNotTurnTheCursorBack() {
    var state = given(CREATED, VALIDATED, advanced(1, 100, false));

    var decision = Batches.decide(state, advanced(0, 50, false));

    assertThat(decision.next()).isEqualTo(state);
  }

  @Test
  void cancellingWhileReadingEndsAtOnceBecauseNothingWasDispatched() {
    var decision = Batches.decide(given(CREATED), CANCEL);

    assertThat(decision.next())
        .isInstanceOfSatisfying(
            Ended.class, ended -> assertThat(ended.ending()).isEqualTo(Ending.CANCELLED));
  }

  @Test
  void aCancelledBatchWaitsUntilThePumpHasStoppedAndItsLinesHaveEnded() {
    var cancelled = given(CREATED, VALIDATED, CANCEL);
    var stopped = Batches.decide(cancelled, advanced(1, 100, true)).next();
    var writing = Batches.decide(stopped, good()).next();
    var ended = Batches.decide(writing, WRITTEN).next();

    assertThat(cancelled).isInstanceOf(Running.class);
    assertThat(stopped).isInstanceOf(Running.class);
    assertThat(writing).isInstanceOf(Writing.class);
    assertThat(ended)
        .isInstanceOfSatisfying(
            Ended.class, end -> assertThat(end.ending()).isEqualTo(Ending.CANCELLED));
  }

  @Test
  void aBatchCancelledBeforeItsFirstLineIsWrittenAsSoonAsThePumpHasStopped() {
    var state = given(CREATED, VALIDATED, CANCEL);

    assertThat(Batches.decide(state, advanced(0, 0, true)).next()).isInstanceOf(Writing.class);
  }

  @Test
  void cancellingWhileWritingComesTooLate() {
    var state = given(CREATED, VALIDATED, good(), bad());

    assertThat(Batches.decide(state, CANCEL)).isEqualTo(Decision.ignore(state));
  }

  @Test
  void anExpiredBatchEndsAsExpiredEvenIfItIsCancelledLater() {
    var state = given(CREATED, VALIDATED, EXPIRED, CANCEL, advanced(1, 100, true), good(), WRITTEN);

    assertThat(state)
        .isInstanceOfSatisfying(
            Ended.class, end -> assertThat(end.ending()).isEqualTo(Ending.EXPIRED));
  }

  @Test
  void expiringWhileReadingEndsAtOnce() {
    assertThat(given(CREATED, EXPIRED))
        .isInstanceOfSatisfying(
            Ended.class, end -> assertThat(end.ending()).isEqualTo(Ending.EXPIRED));
  }

  @Test
  void aStoppedBatchWaitsNoLongerThanItsGrace() {
    var state = given(CREATED, VALIDATED, advanced(2, 200, false), CANCEL);
    var early = new Tick(CANCEL.at().plus(GRACE).minusMillis(1), GRACE);
    var due = new Tick(CANCEL.at().plus(GRACE), GRACE);

    assertThat(Batches.decide(state, early)).isEqualTo(Decision.ignore(state));
    assertThat(Batches.decide(state, due).next()).isInstanceOf(Writing.class);
  }

  @Test
  void timeAloneDoesNotStopABatch() {
    var state = given(CREATED, VALIDATED);

    assertThat(Batches.decide(state, new Tick(Instant.MAX, GRACE)))
        .isEqualTo(Decision.ignore(state));
  }

  @Test
  void resultsAfterTheEndAreIgnored() {
    for (var state : List.of(given(CREATED, VALIDATED, good(), bad()), given(CREATED, CANCEL))) {
      assertThat(Batches.decide(state, good())).isEqualTo(Decision.ignore(state));
    }
  }

  static List<List<BatchEvent>> lives() {
    return List.of(
        List.of(
            CREATED,
            VALIDATED,
            advanced(1, 9, false),
            advanced(2, 20, false),
            good(),
            bad(),
            WRITTEN),
        List.of(CREATED, REJECTED),
        List.of(CREATED, CANCEL),
        List.of(CREATED, EXPIRED),
        List.of(CREATED, VALIDATED, CANCEL, advanced(1, 9, true), good(), WRITTEN),
        List.of(CREATED, VALIDATED, EXPIRED, advanced(1, 9, true), bad(), WRITTEN));
  }

  @ParameterizedTest
  @MethodSource("lives")
  void everyEventOfALifeTwiceChangesNothingTheSecondTime(List<BatchEvent> life) {
    BatchState state = new Unknown();
    for (var event : life) {
      state = Batches.decide(state, event).next();
      var repeated =
          event instanceof LineFinished line
              ? new LineFinished(Sighting.AGAIN, line.delta(), line.at())
              : event;

      var again = Batches.decide(state, repeated);

      assertThat(again).as("%s twice", event).isEqualTo(Decision.ignore(state));
    }
    assertThat(state).isInstanceOf(Ended.class);
  }

  @ParameterizedTest
  @MethodSource("lives")
  void nothingChangesABatchThatHasEnded(List<BatchEvent> life) {
    var ended = given(life.toArray(BatchEvent[]::new));
    var events =
        List.of(
            CREATED,
            VALIDATED,
            REJECTED,
            advanced(9, 99, true),
            good(),
            CANCEL,
            EXPIRED,
            WRITTEN,
            new Tick(Instant.MAX, GRACE));

    for (var event : events) {
      assertThat(Batches.decide(ended, event)).isEqualTo(Decision.ignore(ended));
    }
  }

  private static LineFinished good() {
    return new LineFinished(Sighting.FIRST, GOOD, T0.plusSeconds(2));
  }

  private static LineFinished bad() {
    return new LineFinished(Sighting.FIRST, BAD, T0.plusSeconds(3));
  }

  private static Advanced advanced(long dispatched, long offset, boolean stopped) {
    return new Advanced(new Cursor(dispatched, offset, dispatched + 1, stopped), T0.plusSeconds(6));
  }

  private static BatchState given(BatchEvent... events) {
    BatchState state = new Unknown();
    for (var event : events) {
      state = Batches.decide(state, event).next();
    }
    return state;
  }
}
