package io.penstock.router.route;

import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.batchLine;
import static io.penstock.router.Fixtures.failed;
import static io.penstock.router.Fixtures.interactive;
import static io.penstock.router.Fixtures.request;
import static io.penstock.router.Fixtures.text;
import static io.penstock.router.Fixtures.usage;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.router.route.RequestEvent.Failed;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.router.route.RequestState.Waiting;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.ConsideredTarget;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.RoutePreferences;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a request goes through when providers fail. */
class FailoverTest {

  private static Journey fails(Journey journey, FailureKind kind, @Nullable String code) {
    var outcome = failed(journey.lastCall(), kind, journey.now);
    outcome.getFailure().setProviderCode(code);
    if (FailurePolicy.CIRCUIT_OPEN.equals(code)) {
      outcome.getFailure().setHttpStatus(null);
    }
    return journey.on(new Failed(outcome));
  }

  private static Journey onward(Journey journey) {
    return journey.state instanceof Waiting ? journey.comesDue() : journey;
  }

  @Test
  void twoCallsAreNeverFollowedByAThirdWithinASecondAndAHalf() {
    var journey = Journey.of(request("r1", "three", AnswerTo.RESULT));
    journey.after(Duration.ofMillis(20)).fails(FailureKind.SERVER_ERROR);
    assertThat(journey.state).isInstanceOf(InFlight.class);

    journey.after(Duration.ofMillis(20)).fails(FailureKind.SERVER_ERROR);

    var wait = journey.only(Effect.WaitUntil.class);
    assertThat(wait.call().getPool()).isEqualTo("gamma");
    assertThat(wait.due()).isEqualTo(T0.plusMillis(1520));
  }

  @ParameterizedTest
  @EnumSource(FailureKind.class)
  void whateverFailsNoThreeCallsFallIntoASecondAndAHalf(FailureKind kind) {
    var journey = Journey.of(request("r1", "three", AnswerTo.RESULT));
    var starts = new ArrayList<Instant>();
    starts.add(journey.now);
    for (int i = 0; i < 30 && !(journey.state instanceof Done); i++) {
      var before = journey.pools().size();
      journey.fails(kind, kind == FailureKind.RATE_LIMITED ? 0L : null);
      onward(journey);
      if (journey.pools().size() > before) {
        starts.add(journey.now);
      }
    }

    for (int i = 2; i < starts.size(); i++) {
      assertThat(Duration.between(starts.get(i - 2), starts.get(i)))
          .isGreaterThanOrEqualTo(Router.BETWEEN_CALLS);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = FailureKind.class,
      names = {"RATE_LIMITED", "OVERLOADED", "SERVER_ERROR", "TIMEOUT", "CONNECT", "CUT"})
  void aPrimaryThatGoesOnFailingIsCalledSixTimesAtMostAndTheSecondAnswers(FailureKind kind) {
    var journey = Journey.of(batchLine("r1"));
    for (int i = 0; i < 20 && journey.lastCall().getPool().equals("alpha"); i++) {
      journey.after(Duration.ofMillis(10)).fails(kind);
      onward(journey);
    }

    journey.succeeds();

    assertThat(journey.result().getPool()).isEqualTo("beta");
    assertThat(journey.pools()).filteredOn("alpha"::equals).hasSizeLessThanOrEqualTo(6);
  }

  @Test
  void shortRateLimitsAreWaitedForTwiceAndThenLeft() {
    var journey = Journey.of(batchLine("r1"));
    for (int i = 0; i < 2; i++) {
      journey.fails(FailureKind.RATE_LIMITED, 2_000L).comesDue();
    }

    journey.fails(FailureKind.RATE_LIMITED, 2_000L);

    assertThat(onward(journey).pools()).containsExactly("alpha", "alpha", "alpha", "beta");
  }

  @Test
  void aCallerLeavesARateLimitedTargetAtOnceWhileAnotherIsFree() {
    var journey = Journey.of(interactive("r1"));
    assertThat(journey.lastCall().getPatienceMs())
        .isEqualTo(FailurePolicy.HURRIED_PATIENCE.toMillis());

    journey.after(Duration.ofMillis(20)).fails(FailureKind.RATE_LIMITED, 800L);

    assertThat(journey.pools()).containsExactly("alpha", "beta");
    assertThat(journey.now).isEqualTo(T0.plusMillis(20));
    assertThat(journey.lastCall().getPatienceMs()).as("alpha is not free").isNull();
    assertThat(((InFlight) journey.state).progress().counted()).isZero();
  }

  @Test
  void aCallerWaitsForARateLimitWhereNoOtherTargetIsFree() {
    var alone = Journey.of(request("r1", "one", AnswerTo.REPLY));
    assertThat(alone.lastCall().getPatienceMs()).isNull();
    alone.fails(FailureKind.RATE_LIMITED, 800L);
    assertThat(alone.only(Effect.WaitUntil.class).due()).isEqualTo(T0.plusMillis(800));

    var otherDown = new Journey(Fixtures.table());
    otherDown.down.add("beta");
    otherDown.on(new RequestEvent.Requested(interactive("r2")));
    assertThat(otherDown.lastCall().getPatienceMs()).isNull();
    otherDown.fails(FailureKind.RATE_LIMITED, 800L);
    assertThat(otherDown.only(Effect.WaitUntil.class).call().getPool()).isEqualTo("alpha");
  }

  @Test
  void aCallerWhomBothTargetsRefuseForTheirRateGetsTheOneThatIsFreeFirst() {
    var journey = Journey.of(interactive("r1"));

    journey.fails(FailureKind.RATE_LIMITED, 800L).fails(FailureKind.RATE_LIMITED, 3_000L);

    var wait = journey.only(Effect.WaitUntil.class);
    assertThat(wait.call().getPool()).isEqualTo("alpha");
    assertThat(wait.due()).as("no third call within it").isEqualTo(T0.plus(Router.BETWEEN_CALLS));
  }

  @Test
  void nobodyHurriesABatchLine() {
    var journey = Journey.of(batchLine("r1"));
    assertThat(journey.lastCall().getPatienceMs()).isNull();

    journey.fails(FailureKind.RATE_LIMITED, 800L);

    assertThat(journey.only(Effect.WaitUntil.class).call().getPool()).isEqualTo("alpha");
  }

  @Test
  void aPromptThatIsTooLongGoesOnlyToALargerWindow() {
    var journey = Journey.of(request("r1", "sizes", AnswerTo.RESULT));

    journey.fails(FailureKind.CONTEXT_TOO_LONG);

    assertThat(journey.lastCall().getUpstreamModel()).isEqualTo("large");
    journey.fails(FailureKind.CONTEXT_TOO_LONG);
    assertThat(journey.result().getErrorCode()).isEqualTo("context_length_exceeded");
    assertThat(journey.of(Effect.Call.class)).hasSize(2);
  }

  @Test
  void whatAModelsPolicyRefusesIsAskedOfOtherModelsOnly() {
    var journey = Journey.of(request("r1", "sizes", AnswerTo.RESULT));

    journey.fails(FailureKind.CONTENT_POLICY);
    assertThat(journey.lastCall().getUpstreamModel()).isEqualTo("tiny");
    onward(journey.fails(FailureKind.SERVER_ERROR));
    assertThat(journey.lastCall().getUpstreamModel()).isEqualTo("large");
    for (int i = 0; i < 9 && !(journey.state instanceof Done); i++) {
      onward(journey.fails(FailureKind.SERVER_ERROR));
    }

    assertThat(journey.result().getErrorCode()).isEqualTo("content_policy_violation");
    assertThat(journey.pools()).doesNotContain("beta");
  }

  @Test
  void anUnusableAnswerIsAskedForOnceMoreWhereThereIsNoOtherTarget() {
    var journey = Journey.of(request("r1", "one", AnswerTo.RESULT));

    journey.fails(FailureKind.UNUSABLE).comesDue().fails(FailureKind.UNUSABLE);

    assertThat(journey.of(Effect.Call.class)).hasSize(2);
    assertThat(journey.result().getErrorCode()).isEqualTo("provider_unusable_answer");
  }

  @Test
  void anUnusableAnswerIsNotAskedForAgainWhereThereIs() {
    var journey = Journey.of(batchLine("r1")).fails(FailureKind.UNUSABLE);
    for (int i = 0; i < 4; i++) {
      onward(journey.fails(FailureKind.SERVER_ERROR));
    }

    assertThat(journey.pools().subList(1, 6)).containsOnly("beta");
  }

  @Test
  void afterAnUnusableAnswerATargetIsStillBetterThanOneThatIsDown() {
    var journey = Journey.of(batchLine("r1")).fails(FailureKind.UNUSABLE);
    journey.down.add("beta");

    onward(journey.fails(FailureKind.CONNECT));

    assertThat(journey.pools()).containsExactly("alpha", "beta", "alpha");
    journey.succeeds();
    assertThat(journey.result().getPool()).isEqualTo("alpha");
  }

  @Test
  void aTargetWithoutCredentialInUseMayServeLater() {
    var journey = Journey.of(batchLine("r1"));
    fails(journey, FailureKind.AUTHENTICATION, FailurePolicy.CREDENTIALS_OUT);
    journey.down.add("beta");

    onward(journey.fails(FailureKind.CONNECT));

    assertThat(journey.pools()).containsExactly("alpha", "beta", "alpha");
  }

  @Test
  void aParameterThatOneTargetDoesNotHaveIsTriedAtAnother() {
    var code = FailurePolicy.UNSUPPORTED_PARAMETER;
    var journey = fails(Journey.of(batchLine("r1")), FailureKind.BAD_REQUEST, code);
    assertThat(journey.pools()).containsExactly("alpha", "beta");

    fails(journey, FailureKind.BAD_REQUEST, code);

    assertThat(journey.result().getErrorCode()).isEqualTo("unsupported_parameter");
  }

  @Test
  void whatAWorkerCannotSayInATargetsLanguageIsTriedAtAnother() {
    var journey = Journey.of(batchLine("r1"));
    var outcome = failed(journey.lastCall(), FailureKind.BAD_REQUEST, T0);
    outcome.getFailure().setHttpStatus(null);

    journey.on(new Failed(outcome));

    assertThat(journey.pools()).containsExactly("alpha", "beta");
  }

  @Test
  void anOpenCircuitIsNoAttemptAndNoCallToWaitAfter() {
    var journey = Journey.of(request("r1", "three", AnswerTo.RESULT));

    fails(journey, FailureKind.OVERLOADED, FailurePolicy.CIRCUIT_OPEN);
    fails(journey, FailureKind.OVERLOADED, FailurePolicy.CIRCUIT_OPEN);

    assertThat(journey.pools()).containsExactly("alpha", "beta", "gamma");
    assertThat(((InFlight) journey.state).progress().counted()).isZero();
  }

  @Test
  void aCallerIsNotKeptWaitingForMinutesForTheOnlyTargetWhenItsCircuitStaysOpen() {
    var journey = Journey.of(Fixtures.request("r1", "one", AnswerTo.REPLY));
    for (int i = 0; i < 20 && !(journey.state instanceof Done); i++) {
      var outcome = failed(journey.lastCall(), FailureKind.OVERLOADED, journey.now);
      outcome.getFailure().setProviderCode(FailurePolicy.CIRCUIT_OPEN);
      outcome.getFailure().setHttpStatus(null);
      outcome.getFailure().setRetryAfterMs(8_000L);
      onward(journey.on(new Failed(outcome)));
    }

    assertThat(journey.state).isInstanceOf(Done.class);
    assertThat(Duration.between(T0, journey.now)).isLessThan(Duration.ofMinutes(1));
    assertThat(journey.reply().getHttpStatus()).isEqualTo(503);
  }

  @Test
  void theRealCauseIsToldNotTheCircuitThatItOpened() {
    var journey = Journey.of(request("r1", "one", AnswerTo.RESULT));
    journey.fails(FailureKind.SERVER_ERROR).comesDue();
    for (int i = 0; i < Router.UNCOUNTED_MAX + 6 && !(journey.state instanceof Done); i++) {
      onward(fails(journey, FailureKind.OVERLOADED, FailurePolicy.CIRCUIT_OPEN));
    }

    assertThat(journey.result().getErrorCode()).isEqualTo("provider_error");
    assertThat(text(journey.result().getBody())).contains("it was SERVER_ERROR");
  }

  @Test
  void theErrorCountsTheCallsToEachTarget() {
    var journey = Journey.of(batchLine("r1")).fails(FailureKind.TIMEOUT);
    for (int i = 0; i < 5; i++) {
      onward(journey).fails(FailureKind.SERVER_ERROR);
    }

    assertThat(text(journey.result().getBody()))
        .contains("\"attempts\":\"alpha/up-alpha 1, beta/up-beta 5\"");
  }

  @Test
  void noCallIsMadeOnceTheCallsHaveCostTheirLimit() {
    var journey = Journey.of(request("r1", "capped", AnswerTo.RESULT));
    var cheap = failed(journey.lastCall(), FailureKind.CUT, T0, null, usage(10, 1));
    journey.on(new Failed(cheap));
    assertThat(journey.pools()).containsExactly("alpha", "beta");

    var dear = failed(journey.lastCall(), FailureKind.CUT, T0, null, usage(80, 20));
    journey.on(new Failed(dear));

    assertThat(journey.result().getErrorCode()).isEqualTo("provider_error");
    assertThat(journey.settlement().getChargeNanoUsd()).isZero();
    assertThat(journey.settlement().getCostNanoUsd()).isEqualTo(402_100);
  }

  @Test
  void theExplanationIsOnTheResultAndOnTheCallOnlyWhenAskedFor() {
    var silent = Journey.of(batchLine("r1")).succeeds();
    assertThat(silent.result().getExplanation().getConsidered())
        .extracting(ConsideredTarget::getVerdict)
        .containsExactly("chosen", "fallback");
    assertThat(silent.lastCall().getExplanation()).isNull();
    assertThat(((InFlight) Journey.of(interactive("r2")).state).ticket().getExplanation()).isNull();

    var request = interactive("r3");
    request.setPreferences(RoutePreferences.newBuilder().setExplain(true).build());
    var asked = Journey.of(request);
    assertThat(asked.lastCall().getExplanation().getStrategy()).isEqualTo("priority");
    for (int i = 0; i < 6; i++) {
      onward(asked.fails(FailureKind.SERVER_ERROR));
    }

    assertThat(asked.reply().getExplanation()).isNotNull();
  }

  @Test
  void furtherModelsServeWhenTheFirstDoesNotAndThoseThatTheKeyMayNotUseAreExplained() {
    var preferences = RoutePreferences.newBuilder().setModels(List.of("two", "gone")).build();
    var bound = request("r1", "one", AnswerTo.RESULT, "key_one");
    bound.setPreferences(preferences);
    assertThat(Journey.of(bound).succeeds().result().getExplanation().getConsidered())
        .extracting(ConsideredTarget::getReason)
        .contains("the API key may not use the model", "the model does not exist");

    var free = request("r2", "one", AnswerTo.RESULT);
    free.setPreferences(preferences);
    var journey = Journey.of(free).fails(FailureKind.SERVER_ERROR).succeeds();

    assertThat(journey.pools()).containsExactly("alpha", "beta");
    assertThat(journey.result().getOutcome()).isEqualTo(Outcome.SUCCEEDED);
  }

  @Test
  void aRequestThatNoTargetMayServeIsRefusedTargetByTarget() {
    var request = interactive("r1");
    request.setPreferences(
        RoutePreferences.newBuilder().setResidency("mars").setExplain(true).build());

    var journey = Journey.of(request);

    assertThat(journey.reply().getHttpStatus()).isEqualTo(400);
    assertThat(text(journey.reply().getBody()))
        .contains("\"code\":\"no_target\"", "alpha/up-alpha: not in mars");
    assertThat(journey.reply().getExplanation().getConsidered()).hasSize(2);
    assertThat(journey.of(Effect.RecordUsage.class)).isEmpty();
  }
}
