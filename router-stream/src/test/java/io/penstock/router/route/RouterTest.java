package io.penstock.router.route;

import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.batchLine;
import static io.penstock.router.Fixtures.budget;
import static io.penstock.router.Fixtures.cancel;
import static io.penstock.router.Fixtures.failed;
import static io.penstock.router.Fixtures.finished;
import static io.penstock.router.Fixtures.interactive;
import static io.penstock.router.Fixtures.request;
import static io.penstock.router.Fixtures.text;
import static io.penstock.router.Fixtures.usage;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.router.budget.Balance;
import io.penstock.router.route.Effect.Flag;
import io.penstock.router.route.RequestEvent.Cancelled;
import io.penstock.router.route.RequestEvent.DeadlinePassed;
import io.penstock.router.route.RequestEvent.Due;
import io.penstock.router.route.RequestEvent.Failed;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.route.RequestState.Waiting;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.UsageKind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RouterTest {

  /**
   * 100 input tokens at 2.5 and 50 output tokens at 10 USD per million, the dearer of two targets.
   */
  private static final long HOLD = 750_000;

  /** 80 input tokens at 0.15 and 20 output tokens at 0.6 USD per million. */
  private static final long CHARGE_ALPHA = 24_000;

  @Nested
  class ANewRequest {

    @Test
    void isCalledAtTheFirstTargetWithTheCallersBody() {
      var journey = Journey.of(batchLine("r1"));

      var call = journey.only(Effect.Call.class).call();
      assertThat(call.getPool()).isEqualTo("alpha");
      assertThat(call.getUpstreamModel()).isEqualTo("up-alpha");
      assertThat(call.getAttempt()).isEqualTo(1);
      assertThat(call.getLane()).isEqualTo(Lane.BATCH);
      assertThat(text(call.getBody())).isEqualTo(Fixtures.BODY);
      assertThat(call.getOutputTokensLimit()).isNull();
      assertThat(journey.state).isInstanceOf(InFlight.class);
    }

    @Test
    void holdsTheMostThatAnyOfItsTargetsCanCost() {
      var journey = new Journey(Fixtures.table(budget("b", BudgetScope.ORGANIZATION, null, HOLD)));

      journey.on(new Requested(batchLine("r1")));

      assertThat(journey.held()).isEqualTo(HOLD);
    }

    @Test
    void getsTheOutputLimitThatItsHoldCountsOnWhenTheCallerSetNone() {
      var request = batchLine("r1");
      request.getFacts().setOutputTokensMax(null);

      var journey = Journey.of(request);

      assertThat(journey.lastCall().getOutputTokensLimit()).isEqualTo(1000L);
    }

    @Test
    void startsAtATargetWhosePoolAnswers() {
      var journey = new Journey(Fixtures.table());
      journey.down.add("alpha");

      journey.on(new Requested(batchLine("r1")));

      assertThat(journey.pools()).containsExactly("beta");
    }

    @Test
    void isIgnoredTheSecondTime() {
      var journey = Journey.of(batchLine("r1"));

      journey.on(new Requested(batchLine("r1")));

      assertThat(journey.last).isEmpty();
    }

    @Test
    void endsAtOnceWhenItsDeadlineHasPassed() {
      var journey = new Journey(Fixtures.table()).after(Fixtures.DEADLINE);

      journey.on(new Requested(batchLine("r1")));

      assertThat(journey.result().getOutcome()).isEqualTo(Outcome.EXPIRED);
      assertThat(journey.result().getErrorCode()).isEqualTo("batch_expired");
      assertThat(journey.of(Effect.Call.class)).isEmpty();
    }
  }

  /** The router died after a call was made and answered, and before it had written so. */
  @Nested
  class AnAnswerOfAnEarlierLife {

    private final Journey before = Journey.of(interactive("r1"));
    private final Finished answer =
        new Finished(finished(before.only(Effect.Call.class).call(), T0));

    @Test
    void isChargedThoughItsRequestIsReadAgainAfterItsDeadline() {
      var journey = new Journey(Fixtures.table()).after(Fixtures.DEADLINE);

      journey.on(new Requested(interactive("r1"))).on(answer);

      assertCharged(journey);
    }

    @Test
    void isChargedWhenItIsReadBeforeItsRequest() {
      var journey = new Journey(Fixtures.table()).after(Fixtures.DEADLINE);

      journey.on(answer).on(new Requested(interactive("r1")));

      assertCharged(journey);
    }

    @Test
    void isChargedOnABudgetThatCouldNotBearItThisTime() {
      var table = Fixtures.table(budget("b", BudgetScope.ORGANIZATION, null, 10));
      var journey = new Journey(table);

      journey.on(new Requested(interactive("r1")));
      assertThat(journey.reply().getHttpStatus()).isEqualTo(402);
      journey.on(answer);

      assertCharged(journey);
      assertThat(journey.settlement().getOverageNanoUsd()).isEqualTo(CHARGE_ALPHA);
      assertThat(journey.settlement().getPostings())
          .singleElement()
          .satisfies(
              posting -> {
                assertThat(posting.getHeld()).isZero();
                assertThat(posting.getPosted()).isEqualTo(CHARGE_ALPHA);
              });
    }

    @Test
    void isNotChargedTwice() {
      var journey = new Journey(Fixtures.table()).after(Fixtures.DEADLINE);
      journey.on(new Requested(interactive("r1"))).on(answer).on(answer);
      assertCharged(journey);

      var second = finished(before.only(Effect.Call.class).call(), T0.plusSeconds(3));
      journey.on(new Finished(second));

      assertThat(journey.of(Effect.RecordUsage.class))
          .extracting(recorded -> recorded.usage().getKind())
          .containsExactly(UsageKind.SETTLEMENT, UsageKind.LATE_COST);
    }

    private void assertCharged(Journey journey) {
      var usage = journey.only(Effect.RecordUsage.class).usage();
      assertThat(usage.getKind()).isEqualTo(UsageKind.SETTLEMENT);
      assertThat(usage.getUsageId()).isEqualTo("r1");
      assertThat(usage.getSucceeded()).isTrue();
      assertThat(usage.getChargeNanoUsd()).isEqualTo(CHARGE_ALPHA);
      assertThat(usage.getFlags()).contains("late_settlement");
    }
  }

  @Nested
  class ARefusal {

    @Test
    void answersTheWaitingCallerInItsOwnPartitionAndLeavesNoTraceInUsage() {
      var journey = Journey.of(request("r1", "nope", AnswerTo.REPLY));

      var reply = journey.only(Effect.Reply.class);
      assertThat(reply.address().getPartition()).isEqualTo(2);
      assertThat(reply.reply().getHttpStatus()).isEqualTo(404);
      assertThat(reply.reply().getAttempt()).isZero();
      assertThat(text(reply.reply().getBody()))
          .isEqualTo(
              "{\"error\":{\"message\":\"The model 'nope' does not exist.\","
                  + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"model_not_found\","
                  + "\"metadata\":{\"error_type\":\"model_not_found\",\"retryable\":false,"
                  + "\"request_id\":\"r1\"}}}");
      assertThat(journey.of(Effect.RecordUsage.class)).isEmpty();
      assertThat(journey.of(Effect.PlaceHold.class)).isEmpty();
    }

    @Test
    void ofABatchLineIsItsResult() {
      var journey = Journey.of(request("r1", "nope", AnswerTo.RESULT));

      assertThat(journey.result().getOutcome()).isEqualTo(Outcome.FAILED);
      assertThat(journey.result().getJob()).isEqualTo("batch_1");
      assertThat(journey.result().getLine().getLine()).isEqualTo(7);
      assertThat(journey.of(Effect.Reply.class)).isEmpty();
    }

    @Test
    void goesBothWaysWhenBothAreWanted() {
      var journey = Journey.of(request("r1", "nope", AnswerTo.BOTH));

      assertThat(journey.result().getHttpStatus()).isEqualTo(journey.reply().getHttpStatus());
    }

    @Test
    void isGivenOnce() {
      var journey = Journey.of(request("r1", "nope", AnswerTo.BOTH));

      journey.on(new Requested(request("r1", "nope", AnswerTo.BOTH)));

      assertThat(journey.last).isEmpty();
    }
  }

  @Nested
  class ASuccess {

    @Test
    void endsABatchLineWithItsAnswerItsChargeAndItsHoldReleased() {
      var journey = new Journey(Fixtures.table(budget("b", BudgetScope.ORGANIZATION, null, HOLD)));

      journey.on(new Requested(batchLine("r1"))).succeeds();

      var result = journey.result();
      assertThat(result.getOutcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(text(result.getBody())).isEqualTo(Fixtures.ANSWER);
      assertThat(result.getChargeNanoUsd()).isEqualTo(CHARGE_ALPHA);
      assertThat(result.getAttempts()).isEqualTo(1);
      var usage = journey.settlement();
      assertThat(usage.getUsageId()).isEqualTo("r1");
      assertThat(usage.getKind()).isEqualTo(UsageKind.SETTLEMENT);
      assertThat(usage.getChargeNanoUsd()).isEqualTo(CHARGE_ALPHA);
      assertThat(usage.getCostNanoUsd()).isEqualTo(CHARGE_ALPHA);
      assertThat(usage.getHoldNanoUsd()).isEqualTo(HOLD);
      assertThat(usage.getOverageNanoUsd()).isZero();
      assertThat(usage.getPrice()).isEqualTo("cheap");
      assertThat(usage.getPriceVersion()).isEqualTo(3);
      assertThat(usage.getJob()).isEqualTo("batch_1");
      assertThat(usage.getSucceeded()).isTrue();
      assertThat(usage.getAttempts()).hasSize(1);
      assertThat(journey.accounts.kept.keySet())
          .extracting(journey.accounts::of)
          .containsExactly(new Balance(CHARGE_ALPHA, 0));
    }

    @Test
    void forAWaitingCallerIsSettledAndNotAnsweredAgain() {
      var journey = Journey.of(interactive("r1")).succeeds();

      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(CHARGE_ALPHA);
      assertThat(journey.of(Effect.Finish.class)).isEmpty();
      assertThat(journey.of(Effect.Reply.class)).isEmpty();
    }

    @Test
    void isIgnoredTheSecondTime() {
      var journey = Journey.of(batchLine("r1"));
      var outcome = new Finished(finished(journey.lastCall(), T0));

      journey.on(outcome).on(outcome);

      assertThat(journey.last).isEmpty();
    }

    @Test
    void isChargedAtThePriceOfTheTargetThatServed() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.SERVER_ERROR).succeeds();

      assertThat(journey.pools()).containsExactly("alpha", "beta");
      assertThat(journey.settlement().getPrice()).isEqualTo("dear");
      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(400_000);
    }

    @Test
    void isPricedAsTheCatalogueWasWhenTheHoldWasTaken() {
      var journey = Journey.of(batchLine("r1"));
      journey.table =
          new io.penstock.router.admit.RoutingTable(
              io.penstock.platform.catalog.Catalog.EMPTY, _ -> true);

      journey.succeeds();

      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(CHARGE_ALPHA);
    }

    @Test
    void aboveItsHoldIsChargedInFullWithTheOverageRecordedAndFlagged() {
      var journey = Journey.of(batchLine("r1"));
      var outcome = finished(journey.lastCall(), T0);
      outcome.setUsage(usage(100, 10_000));

      journey.on(new Finished(outcome));

      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(6_015_000);
      assertThat(journey.settlement().getOverageNanoUsd()).isEqualTo(6_015_000 - HOLD);
      assertThat(journey.only(Flag.class).kind()).isEqualTo(Flag.Kind.OVERAGE);
    }

    @Test
    void ofAnEarlierCallStillEndsTheRequest() {
      var journey = Journey.of(batchLine("r1"));
      var first = journey.lastCall();
      journey.fails(FailureKind.SERVER_ERROR);

      journey.on(new Finished(finished(first, T0.plusMillis(1))));

      assertThat(journey.result().getOutcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(journey.result().getPool()).isEqualTo("alpha");
    }

    @Test
    void ofTheSameNumberStartedAtAnotherTimeIsALateCostOnce() {
      var journey = Journey.of(batchLine("r1"));
      var call = journey.lastCall();
      journey.on(new Finished(finished(call, T0)));
      var again = new Finished(finished(call, T0.plusMillis(5)));

      journey.on(again).on(again);

      var late = journey.of(Effect.RecordUsage.class).getLast().usage();
      assertThat(journey.of(Effect.RecordUsage.class)).hasSize(2);
      assertThat(late.getKind()).isEqualTo(UsageKind.LATE_COST);
      assertThat(late.getUsageId()).isEqualTo("r1/1@" + T0.plusMillis(5).toEpochMilli());
      assertThat(late.getChargeNanoUsd()).isZero();
      assertThat(late.getCostNanoUsd()).isEqualTo(CHARGE_ALPHA);
      assertThat(journey.of(Effect.Finish.class)).hasSize(1);
      assertThat(journey.of(Effect.SettleHold.class)).hasSize(1);
    }

    @Test
    void whileTheNextCallWaitsEndsTheRequestAndTheWaitComesToNothing() {
      var journey = Journey.of(request("r1", "one", AnswerTo.RESULT));
      var first = journey.lastCall();
      journey.fails(FailureKind.SERVER_ERROR);
      journey.on(new Finished(finished(first, T0.plusMillis(1))));

      journey.comesDue();

      assertThat(journey.state).isInstanceOf(Done.class);
      assertThat(journey.of(Effect.Call.class)).hasSize(1);
    }
  }

  @Nested
  class AFailure {

    @Test
    void movesOnToTheNextTargetAtOnce() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.OVERLOADED);

      assertThat(journey.pools()).containsExactly("alpha", "beta");
      assertThat(journey.lastCall().getAttempt()).isEqualTo(2);
      assertThat(text(journey.lastCall().getBody())).isEqualTo(Fixtures.BODY);
    }

    @Test
    void isIgnoredTheSecondTime() {
      var journey = Journey.of(batchLine("r1"));
      var failure = new Failed(failed(journey.lastCall(), FailureKind.SERVER_ERROR, T0));

      journey.on(failure).on(failure);

      assertThat(journey.last).isEmpty();
    }

    @Test
    void ofAnOldCallIsRecordedAsCostAndChangesNothingElse() {
      var journey = Journey.of(batchLine("r1"));
      var first = journey.lastCall();
      journey.fails(FailureKind.SERVER_ERROR);

      journey.on(new Failed(failed(first, FailureKind.CUT, T0.plusMillis(3), null, usage(80, 5))));
      journey.succeeds();

      assertThat(journey.settlement().getAttempts()).hasSize(3);
      assertThat(journey.settlement().getCostNanoUsd()).isEqualTo(15_000 + 400_000);
      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(400_000);
    }

    @Test
    void waitsBeforeItAsksTheOnlyTargetAgainAtLeastASecondAndAHalfAfterTheLastCall() {
      var journey = Journey.of(request("r1", "one", AnswerTo.RESULT)).fails(FailureKind.OVERLOADED);

      assertThat(journey.state).isInstanceOf(Waiting.class);
      assertThat(journey.only(Effect.WaitUntil.class).due()).isEqualTo(T0.plusMillis(1500));
      journey.comesDue().succeeds();
      assertThat(journey.result().getAttempts()).isEqualTo(2);
    }

    @Test
    void goesBackToTheFirstTargetOnlyAfterAWait() {
      var journey = Journey.of(batchLine("r1"));
      journey.fails(FailureKind.SERVER_ERROR).after(Duration.ofMillis(100));

      journey.fails(FailureKind.SERVER_ERROR);

      assertThat(journey.only(Effect.WaitUntil.class).call().getPool()).isEqualTo("alpha");
    }

    @Test
    void neverGoesBackToASilentTargetWhileAnotherAnswers() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.TIMEOUT);
      for (int i = 0; i < 4; i++) {
        journey.fails(FailureKind.SERVER_ERROR).comesDue();
      }

      assertThat(journey.pools()).containsExactly("alpha", "beta", "beta", "beta", "beta", "beta");
    }

    @Test
    void goesToASilentTargetRatherThanToOneThatIsDown() {
      var journey = Journey.of(batchLine("r1"));
      journey.down.add("beta");

      journey.fails(FailureKind.TIMEOUT).comesDue();

      assertThat(journey.pools()).containsExactly("alpha", "alpha");
    }

    @Test
    void endsTheRequestWhenTheAttemptsAreUsedUp() {
      var journey = Journey.of(request("r1", "one", AnswerTo.BOTH));
      for (int i = 0; i < 5; i++) {
        journey.fails(FailureKind.SERVER_ERROR).comesDue();
      }

      journey.fails(FailureKind.SERVER_ERROR);

      assertThat(journey.of(Effect.Call.class)).hasSize(6);
      assertThat(journey.result().getErrorCode()).isEqualTo("provider_error");
      assertThat(journey.result().getHttpStatus()).isEqualTo(502);
      assertThat(journey.reply().getAttempt()).isEqualTo(6);
      assertThat(journey.settlement().getChargeNanoUsd()).isZero();
      assertThat(journey.settlement().getSucceeded()).isFalse();
      assertThat(journey.settlement().getErrorCode()).isEqualTo("provider_error");
      assertThat(journey.settlement().getAttempts()).hasSize(6);
    }

    @Test
    void thatIsTheCallersFaultEndsTheRequestAtOnce() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.BAD_REQUEST);

      assertThat(journey.result().getErrorCode()).isEqualTo("provider_rejected");
      assertThat(text(journey.result().getBody())).contains("it was BAD_REQUEST");
    }

    @Test
    void thatTellsMostIsTheOneReported() {
      var journey =
          Journey.of(batchLine("r1"))
              .fails(FailureKind.PROVIDER_BUDGET)
              .fails(FailureKind.NOT_FOUND);

      assertThat(journey.result().getErrorCode()).isEqualTo("provider_error");
      var connect = Journey.of(batchLine("r2")).fails(FailureKind.AUTHENTICATION);
      connect.fails(FailureKind.CONNECT);
      for (int i = 0; i < 5; i++) {
        connect.comesDue().fails(FailureKind.CONNECT);
      }
      assertThat(connect.result().getErrorCode()).isEqualTo("provider_authentication");
    }

    @Test
    void atATargetThatWillNeverServeIsNotTriedThereAgain() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.AUTHENTICATION);
      for (int i = 0; i < 4; i++) {
        journey.fails(FailureKind.SERVER_ERROR).comesDue();
      }

      assertThat(journey.pools().subList(1, 6)).containsOnly("beta");
    }

    @Test
    void toConnectIsFreeWhileThereIsAnotherTarget() {
      var journey = Journey.of(batchLine("r1"));
      for (int i = 0; i < 20; i++) {
        journey.fails(FailureKind.CONNECT);
        if (journey.state instanceof Waiting) {
          journey.comesDue();
        }
      }

      assertThat(journey.state).isInstanceOf(InFlight.class);
      assertThat(((InFlight) journey.state).progress().counted()).isZero();
    }

    @Test
    void toConnectIsNotFreeForEver() {
      var journey = Journey.of(batchLine("r1"));
      for (int i = 0; i < 200 && !(journey.state instanceof Done); i++) {
        journey.fails(FailureKind.CONNECT);
        if (journey.state instanceof Waiting) {
          journey.comesDue();
        }
      }

      assertThat(journey.state).isInstanceOf(Done.class);
      assertThat(journey.of(Effect.Call.class)).hasSize(Router.UNCOUNTED_MAX + 6);
    }
  }

  @Nested
  class ARateLimit {

    @Test
    void isWaitedForAtTheSameTargetExactlyAsLongAsAsked() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.RATE_LIMITED, 700L);

      var wait = journey.only(Effect.WaitUntil.class);
      assertThat(wait.due()).isEqualTo(T0.plusMillis(700));
      assertThat(wait.call().getPool()).isEqualTo("alpha");
      assertThat(wait.call().getAttempt()).isEqualTo(2);
    }

    @Test
    void isNotAnAttempt() {
      var journey = Journey.of(batchLine("r1"));
      for (int i = 0; i < 30; i++) {
        journey.fails(FailureKind.RATE_LIMITED, 1000L).comesDue();
      }

      journey.succeeds();

      assertThat(journey.result().getOutcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(journey.result().getAttempts()).isEqualTo(31);
    }

    @Test
    void thatIsLongSendsTheRequestToTheNextTarget() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.RATE_LIMITED, 60_000L);

      assertThat(journey.pools()).containsExactly("alpha", "beta");
    }

    @Test
    void onEveryTargetIsWaitedForWhereItEndsFirst() {
      var journey =
          Journey.of(batchLine("r1"))
              .fails(FailureKind.RATE_LIMITED, 60_000L)
              .fails(FailureKind.RATE_LIMITED, 90_000L);

      assertThat(journey.only(Effect.WaitUntil.class).due()).isEqualTo(T0.plusSeconds(60));
      assertThat(journey.only(Effect.WaitUntil.class).call().getPool()).isEqualTo("alpha");
    }

    @Test
    void beyondTheDeadlineEndsTheRequestNowAndSaysWhenToComeBack() {
      var journey =
          Journey.of(request("r1", "one", AnswerTo.REPLY))
              .fails(FailureKind.RATE_LIMITED, Fixtures.DEADLINE.toMillis() + 1);

      assertThat(journey.reply().getHttpStatus()).isEqualTo(429);
      assertThat(journey.reply().getRetryAfterMs()).isEqualTo(Fixtures.DEADLINE.toMillis() + 1);
    }
  }

  @Nested
  class ADueTime {

    @Test
    void makesTheWaitingCallOnce() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.RATE_LIMITED, 1000L);
      var due = new Due(journey.only(Effect.WaitUntil.class).call());
      journey.after(Duration.ofSeconds(1)).on(due);

      journey.on(due);

      assertThat(journey.last).isEmpty();
      assertThat(journey.of(Effect.Call.class)).hasSize(2);
    }

    @Test
    void sendsTheCallElsewhereWhenItsPoolHasGoneDownMeanwhile() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.RATE_LIMITED, 1000L);
      journey.down.add("alpha");

      journey.comesDue();

      assertThat(journey.lastCall().getPool()).isEqualTo("beta");
      assertThat(journey.lastCall().getUpstreamModel()).isEqualTo("up-beta");
    }

    @Test
    void afterACancellationIsIgnored() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.RATE_LIMITED, 1000L);
      journey.on(new Cancelled(cancel("r1")));

      journey.comesDue();

      assertThat(journey.last).isEmpty();
    }
  }

  @Nested
  class ACancellation {

    @Test
    void releasesTheHoldAndEndsTheLine() {
      var journey = new Journey(Fixtures.table(budget("b", BudgetScope.ORGANIZATION, null, HOLD)));

      journey.on(new Requested(batchLine("r1"))).on(new Cancelled(cancel("r1")));

      assertThat(journey.held()).isZero();
      assertThat(journey.result().getOutcome()).isEqualTo(Outcome.CANCELLED);
      assertThat(journey.result().getErrorCode()).isEqualTo("batch_cancelled");
      assertThat(journey.settlement().getChargeNanoUsd()).isZero();
    }

    @Test
    void isIgnoredTheSecondTime() {
      var journey = Journey.of(batchLine("r1")).on(new Cancelled(cancel("r1")));

      journey.on(new Cancelled(cancel("r1")));

      assertThat(journey.last).isEmpty();
    }

    @Test
    void leavesTheRunningCallAsLateCost() {
      var journey = Journey.of(batchLine("r1")).on(new Cancelled(cancel("r1")));

      journey.succeeds();

      assertThat(journey.last)
          .extracting(Effect::getClass)
          .containsExactly(Effect.RecordUsage.class, Flag.class);
      assertThat(((Effect.RecordUsage) journey.last.getFirst()).usage().getCostNanoUsd())
          .isEqualTo(CHARGE_ALPHA);
      assertThat(journey.of(Effect.Finish.class)).hasSize(1);
    }

    @Test
    void beforeItsRequestIsRemembered() {
      var journey = new Journey(Fixtures.table()).on(new Cancelled(cancel("r1")));

      journey.on(new Requested(batchLine("r1")));

      assertThat(journey.result().getOutcome()).isEqualTo(Outcome.CANCELLED);
      assertThat(journey.of(Effect.Call.class)).isEmpty();
      assertThat(journey.held()).isZero();
    }
  }

  @Nested
  class TheWatchdog {

    @Test
    void endsWhatNoWorkerAnsweredAndFlagsTheReleasedHold() {
      var journey = Journey.of(interactive("r1")).after(Fixtures.DEADLINE);

      journey.on(new DeadlinePassed());

      assertThat(journey.reply().getHttpStatus()).isEqualTo(504);
      assertThat(journey.settlement().getErrorCode()).isEqualTo("deadline_exceeded");
      assertThat(journey.only(Flag.class).kind()).isEqualTo(Flag.Kind.AMBIGUOUS_RELEASE);
      assertThat(journey.of(Effect.SettleHold.class)).hasSize(1);
    }

    @Test
    void doesNotFlagARequestThatWasWaiting() {
      var journey = Journey.of(batchLine("r1")).fails(FailureKind.RATE_LIMITED, 1000L);

      journey.on(new DeadlinePassed());

      assertThat(journey.of(Flag.class)).isEmpty();
      assertThat(text(journey.result().getBody())).contains("it was RATE_LIMITED");
    }

    @Test
    void barksOnce() {
      var journey = Journey.of(batchLine("r1")).on(new DeadlinePassed());

      journey.on(new DeadlinePassed());

      assertThat(journey.last).isEmpty();
    }
  }

  @Nested
  class AnOutcomeBeforeItsRequest {

    private final Journey lost = Journey.of(batchLine("r1"));

    @Test
    void settlesTheRequestWhenItComesWithoutAnotherCall() {
      var journey = new Journey(Fixtures.table(budget("b", BudgetScope.ORGANIZATION, null, HOLD)));
      journey.on(new Finished(finished(lost.lastCall(), T0)));

      journey.on(new Requested(batchLine("r1")));

      assertThat(journey.result().getOutcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(CHARGE_ALPHA);
      assertThat(journey.of(Effect.Call.class)).isEmpty();
      assertThat(journey.held()).isZero();
    }

    @Test
    void isKeptOnceHoweverOftenItComes() {
      var outcome = new Finished(finished(lost.lastCall(), T0));
      var journey = new Journey(Fixtures.table()).on(outcome);
      var before = journey.state;

      journey.on(outcome);

      assertThat(journey.state).isEqualTo(before);
    }

    @Test
    void thatFailedMovesTheRequestOnWhenItComes() {
      var journey = new Journey(Fixtures.table());
      journey.on(new Failed(failed(lost.lastCall(), FailureKind.SERVER_ERROR, T0)));

      journey.on(new Requested(batchLine("r1")));

      assertThat(journey.pools()).containsExactly("beta");
      assertThat(journey.lastCall().getAttempt()).isEqualTo(2);
    }

    @Test
    void thatSucceededCountsMoreThanOneThatFailed() {
      var journey = new Journey(Fixtures.table());
      journey.on(new Failed(failed(lost.lastCall(), FailureKind.CUT, T0, null, usage(80, 1))));
      journey.on(new Finished(finished(lost.lastCall(), T0.plusMillis(9))));

      journey.on(new Requested(batchLine("r1")));

      assertThat(journey.result().getOutcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(journey.of(Effect.RecordUsage.class))
          .extracting(effect -> effect.usage().getKind())
          .containsExactly(UsageKind.SETTLEMENT, UsageKind.LATE_COST);
      assertThat(journey.of(Effect.Call.class)).isEmpty();
    }
  }

  @Test
  void whatComesForAnUnknownRequestAndIsNoNewsIsIgnored() {
    var call = Journey.of(batchLine("r1")).lastCall();
    for (var event : List.of(new Due(call), new DeadlinePassed())) {
      var decision = Router.decide(new Unknown(), event, new Journey(Fixtures.table()).world());

      assertThat(decision).isEqualTo(Decision.ignore(new Unknown()));
    }
  }

  @Test
  void everyEventTwiceInEveryStateIsTheEventOnce() {
    var waiting = Journey.of(batchLine("r1")).fails(FailureKind.RATE_LIMITED, 1000L);
    var call = waiting.of(Effect.Call.class).getFirst().call();
    var states =
        List.of(
            new Unknown(),
            Journey.of(batchLine("r1")).state,
            waiting.state,
            Journey.of(batchLine("r1")).succeeds().state,
            Journey.of(Fixtures.stream("r1")).on(new Cancelled(cancel("r1"))).state,
            new Journey(Fixtures.table()).on(new Cancelled(cancel("r1"))).state);
    var events =
        List.of(
            new Requested(batchLine("r1")),
            new Cancelled(cancel("r1")),
            new Finished(finished(call, T0.plusMillis(77))),
            new Failed(failed(call, FailureKind.SERVER_ERROR, T0.plusMillis(78))),
            new Failed(failed(call, FailureKind.BAD_REQUEST, T0.plusMillis(79))),
            new Failed(failed(call, FailureKind.CANCELLED, T0.plusMillis(80), null, usage(80, 1))),
            new Due(waiting.only(Effect.WaitUntil.class).call()),
            new DeadlinePassed());
    for (var state : states) {
      for (var event : events) {
        var journey = new Journey(Fixtures.table());
        journey.state = state;

        journey.on(event).on(event);

        assertThat(journey.last).as("%s twice in %s", event, state).isEmpty();
      }
    }
  }
}
