package io.penstock.router.route;

import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.batchLine;
import static io.penstock.router.Fixtures.cancel;
import static io.penstock.router.Fixtures.delivered;
import static io.penstock.router.Fixtures.failed;
import static io.penstock.router.Fixtures.finished;
import static io.penstock.router.Fixtures.interactive;
import static io.penstock.router.Fixtures.stream;
import static io.penstock.router.Fixtures.text;
import static io.penstock.router.Fixtures.usage;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.router.route.RequestEvent.Cancelled;
import io.penstock.router.route.RequestEvent.DeadlinePassed;
import io.penstock.router.route.RequestEvent.Failed;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.Cancelling;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.Waiting;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Streams that break off, and streams whose readers hang up. */
class StreamTest {

  private static Journey onward(Journey journey) {
    return journey.state instanceof Waiting ? journey.comesDue() : journey;
  }

  private static Journey breaks(Journey journey, FailureKind kind, @Nullable Delivered seen) {
    var outcome = failed(journey.lastCall(), kind, journey.now, null, usage(80, 5));
    outcome.setDelivered(seen);
    return journey.on(new Failed(outcome));
  }

  private static Journey mismatches(Journey journey) {
    var outcome = failed(journey.lastCall(), FailureKind.UNUSABLE, journey.now);
    outcome.getFailure().setProviderCode(FailurePolicy.SPLICE_MISMATCH);
    return journey.on(new Failed(outcome));
  }

  private static Journey stopped(Journey journey, @Nullable TokenUsage usage) {
    var call = journey.of(Effect.Call.class).getLast().call();
    return journey.on(new Failed(failed(call, FailureKind.CANCELLED, T0, null, usage)));
  }

  @Nested
  class ABrokenStream {

    @Test
    void goesOnAtTheNextTargetFromWhatTheCallerHasSeen() {
      var journey = breaks(Journey.of(stream("r1")), FailureKind.CUT, delivered(3, true));

      var call = journey.lastCall();
      assertThat(call.getPool()).isEqualTo("beta");
      assertThat(call.getContinuation().getBy()).isEqualTo(ContinueBy.PREFILL);
      assertThat(call.getContinuation().getDelivered().getPieces()).isEqualTo(3);
      assertThat(call.getPolicy()).isNotNull();
      journey.succeeds();
      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(400_000);
      assertThat(journey.settlement().getAttempts()).hasSize(2);
      assertThat(journey.of(Effect.Reply.class)).isEmpty();
    }

    @Test
    void isChargedWhatTheCallThatFinishedItUsedAndNothingOfTheBrokenOne() {
      var journey = breaks(Journey.of(stream("r1")), FailureKind.CUT, delivered(3, true));
      var outcome = finished(journey.lastCall(), journey.now);
      // the prompt and the five tokens that the caller had seen; the rest of the answer
      outcome.setUsage(usage(85, 15));

      journey.on(new Finished(outcome));

      var usage = journey.settlement();
      assertThat(usage.getChargeNanoUsd()).isEqualTo(85 * 2_500 + 15 * 10_000);
      assertThat(usage.getUsage()).isEqualTo(outcome.getUsage());
      assertThat(usage.getCostNanoUsd()).isEqualTo(usage.getChargeNanoUsd() + 80 * 150 + 5 * 600);
      assertThat(usage.getAttempts()).extracting(Attempt::getPool).containsExactly("alpha", "beta");
    }

    @Test
    void goesOnAfterAFailureThatNobodySawAsWell() {
      var journey = breaks(Journey.of(stream("r1")), FailureKind.CUT, delivered(3, true));

      journey.fails(FailureKind.SERVER_ERROR).comesDue();

      var call = journey.lastCall();
      assertThat(call.getPool()).isEqualTo("alpha");
      assertThat(call.getContinuation().getBy()).isEqualTo(ContinueBy.SPLICE);
      assertThat(call.getContinuation().getDelivered().getPieces()).isEqualTo(3);
    }

    @Test
    void goesOnFromTheLongestPartThatWasSeen() {
      var journey = breaks(Journey.of(stream("r1")), FailureKind.CUT, delivered(3, true));

      breaks(journey, FailureKind.CUT, delivered(8, true)).comesDue();

      assertThat(journey.lastCall().getContinuation().getDelivered().getPieces()).isEqualTo(8);
    }

    @Test
    void isBegunAnewWhereItsBeginningIsRejected() {
      var journey = breaks(Journey.of(stream("r1")), FailureKind.CUT, delivered(3, true));
      onward(journey.fails(FailureKind.BAD_REQUEST));
      assertThat(journey.lastCall().getPool()).isEqualTo("alpha");

      onward(journey.fails(FailureKind.SERVER_ERROR));

      assertThat(journey.lastCall().getPool()).isEqualTo("beta");
      assertThat(journey.lastCall().getContinuation().getBy()).isEqualTo(ContinueBy.SPLICE);
    }

    @Test
    void isNotSplicedAgainWhereAFreshRunBeganOtherwise() {
      var journey = breaks(Journey.of(stream("r1")), FailureKind.TIMEOUT, delivered(3, true));
      onward(mismatches(journey));
      assertThat(journey.lastCall().getPool()).isEqualTo("alpha");

      mismatches(journey);

      assertThat(journey.reply().getHttpStatus()).isEqualTo(502);
      assertThat(journey.reply().getPieces()).isEqualTo(3);
      assertThat(text(journey.reply().getBody()))
          .contains("The answer broke off", "it was TIMEOUT", "\"cause\":\"provider_timeout\"");
    }

    @Test
    void endsWithAnErrorWhereItHoldsMoreThanText() {
      var journey = breaks(Journey.of(stream("r1")), FailureKind.CUT, delivered(3, false));

      assertThat(journey.reply().getHttpStatus()).isEqualTo(502);
      assertThat(journey.settlement().getChargeNanoUsd()).isZero();
      assertThat(journey.settlement().getCostNanoUsd()).isEqualTo(15_000);
      assertThat(journey.of(Effect.Call.class)).hasSize(1);
    }

    @Test
    void endsWithAnErrorWhereTheModelDoesNotSayOtherwise() {
      var request = interactive("r1");
      request.getFacts().setStream(true);

      var journey = breaks(Journey.of(request), FailureKind.CUT, delivered(3, true));

      assertThat(journey.reply().getHttpStatus()).isEqualTo(502);
      assertThat(journey.reply().getStartedAt()).isEqualTo(T0);
      assertThat(journey.of(Effect.Call.class)).hasSize(1);
    }

    @Test
    void ofWhichNothingWasSeenIsAFailureLikeAnyOther() {
      var request = interactive("r1");
      request.getFacts().setStream(true);

      var journey = breaks(Journey.of(request), FailureKind.CUT, null);

      assertThat(journey.pools()).containsExactly("alpha", "beta");
      assertThat(journey.lastCall().getContinuation()).isNull();
    }
  }

  @Nested
  class AReaderWhoHangsUp {

    @Test
    void endsTheCallAndWaitsForWhatItHasProduced() {
      var journey = Journey.of(stream("r1")).on(new Cancelled(cancel("r1")));

      assertThat(journey.only(Effect.CancelCall.class).cancel().getRequestId()).isEqualTo("r1");
      assertThat(journey.state).isInstanceOf(Cancelling.class);
      assertThat(((Cancelling) journey.state).until()).isEqualTo(T0.plus(Router.CANCEL_MAX));
      assertThat(journey.of(Effect.RecordUsage.class)).isEmpty();
    }

    @Test
    void owesWhatWasProduced() {
      var journey = Journey.of(stream("r1")).on(new Cancelled(cancel("r1")));

      stopped(journey, usage(80, 10));

      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(80 * 150 + 10 * 600);
      assertThat(journey.settlement().getErrorCode()).isEqualTo("cancelled");
      assertThat(journey.settlement().getSucceeded()).isFalse();
      assertThat(journey.of(Effect.SettleHold.class)).hasSize(1);
      assertThat(journey.reply().getHttpStatus()).isEqualTo(499);
    }

    @Test
    void owesItOnce() {
      var journey = Journey.of(stream("r1")).on(new Cancelled(cancel("r1")));
      stopped(journey, usage(80, 10));

      stopped(journey, usage(80, 10));

      assertThat(journey.last).isEmpty();
    }

    @Test
    void owesNothingWhenNothingWasProduced() {
      var journey = Journey.of(stream("r1")).on(new Cancelled(cancel("r1")));

      stopped(journey, null);

      assertThat(journey.settlement().getChargeNanoUsd()).isZero();
    }

    @Test
    void owesTheWholeAnswerWhenItWasFinishedAlready() {
      var journey = Journey.of(stream("r1"));
      var outcome = new Finished(finished(journey.lastCall(), T0));

      journey.on(new Cancelled(cancel("r1"))).on(outcome).on(outcome);

      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(24_000);
      assertThat(journey.settlement().getSucceeded()).isTrue();
      assertThat(journey.of(Effect.RecordUsage.class)).hasSize(1);
    }

    @Test
    void owesNothingForAStreamThatFailedMeanwhile() {
      var journey = Journey.of(stream("r1"));
      var call = journey.lastCall();
      journey.on(new Cancelled(cancel("r1")));

      journey.on(new Failed(failed(call, FailureKind.CUT, T0, null, usage(80, 5))));

      assertThat(journey.state).isInstanceOf(Done.class);
      assertThat(journey.settlement().getChargeNanoUsd()).isZero();
      assertThat(journey.settlement().getCostNanoUsd()).isEqualTo(15_000);
      assertThat(journey.of(Effect.Call.class)).hasSize(1);
    }

    @Test
    void isNotWaitedForForEver() {
      var journey = Journey.of(stream("r1")).on(new Cancelled(cancel("r1")));

      journey.after(Router.CANCEL_MAX).on(new DeadlinePassed());

      assertThat(journey.settlement().getErrorCode()).isEqualTo("cancelled");
      assertThat(journey.only(Effect.Flag.class).kind())
          .isEqualTo(Effect.Flag.Kind.AMBIGUOUS_RELEASE);
      stopped(journey, usage(80, 10));
      var late = journey.of(Effect.RecordUsage.class).getLast().usage();
      assertThat(late.getChargeNanoUsd()).isZero();
      assertThat(late.getCostNanoUsd()).isEqualTo(18_000);
    }

    @Test
    void isChargedTheSameWhenTheWordOfTheWorkerComesFirst() {
      var journey = stopped(Journey.of(stream("r1")), usage(80, 10));

      journey.on(new Cancelled(cancel("r1")));

      assertThat(journey.last).isEmpty();
      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(18_000);
    }

    @Test
    void isChargedTheSameWhenBothComeBeforeTheRequest() {
      var call = Journey.of(stream("r1")).lastCall();
      var outcome = failed(call, FailureKind.CANCELLED, T0, null, usage(80, 10));
      var journey = new Journey(Fixtures.table());
      journey.on(new Cancelled(cancel("r1"))).on(new Failed(outcome));

      journey.on(new Requested(stream("r1")));

      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(18_000);
      assertThat(journey.of(Effect.Call.class)).isEmpty();
    }

    @Test
    void beforeHisRequestIsServedGetsNoCall() {
      var journey = new Journey(Fixtures.table()).on(new Cancelled(cancel("r1")));

      journey.on(new Requested(stream("r1")));

      assertThat(journey.of(Effect.Call.class)).isEmpty();
      assertThat(journey.state).isInstanceOf(Done.class);
    }
  }

  @Nested
  class ACallThatNobodyWantsAnyMore {

    @Test
    void isCancelledWhenItsRequestIs() {
      var journey = Journey.of(batchLine("r1")).on(new Cancelled(cancel("r1")));

      assertThat(journey.of(Effect.CancelCall.class)).hasSize(1);
      assertThat(journey.state).isInstanceOf(Done.class);
    }

    @Test
    void isCancelledWhenItsDeadlineHasPassed() {
      var journey = Journey.of(batchLine("r1")).after(Fixtures.DEADLINE).on(new DeadlinePassed());

      assertThat(journey.of(Effect.CancelCall.class)).hasSize(1);
    }

    @Test
    void isCancelledWhenAnotherCallHasAnswered() {
      var journey = Journey.of(batchLine("r1"));
      var first = journey.lastCall();
      journey.fails(FailureKind.SERVER_ERROR);

      journey.on(new Finished(finished(first, T0.plusMillis(1))));

      assertThat(journey.of(Effect.CancelCall.class)).hasSize(1);
    }

    @Test
    void isNotCancelledWhereNoneRuns() {
      var waiting = Journey.of(batchLine("r1")).fails(FailureKind.RATE_LIMITED, 1_000L);
      waiting.on(new Cancelled(cancel("r1")));
      var answered = Journey.of(batchLine("r2")).succeeds();

      assertThat(waiting.of(Effect.CancelCall.class)).isEmpty();
      assertThat(answered.of(Effect.CancelCall.class)).isEmpty();
    }
  }
}
