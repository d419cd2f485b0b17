package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.schemas.avro.Lane;
import io.penstock.worker.limit.Admission.Busy;
import io.penstock.worker.limit.Admission.Extent;
import io.penstock.worker.limit.Admission.Granted;
import io.penstock.worker.limit.Admission.Later;
import io.penstock.worker.limit.RateHeaders.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PoolLimiterTest {

  private static final String M = "m";
  private static final String OTHER = "other";
  private static final long SECOND = 1_000_000_000L;
  private static final Share ALL = new Share(6, 6);
  private static final TokenCount ONE = new TokenCount(1, 0);
  private static final long NO_LIMIT = 60_000_000;

  @Test
  void withoutPartitionsThereIsNoPermit() {
    var limiter = new PoolLimiter(new PoolLimits(600L, null, 10), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, M, ONE, 0)).isEqualTo(new Busy());
  }

  @Test
  void aShareOfThePartitionsIsThatShareOfEveryLimit() {
    var limiter = new PoolLimiter(new PoolLimits(NO_LIMIT, null, 100), 0);

    limiter.share(new Share(2, 6), 0);

    assertThat(granted(limiter, Lane.INTERACTIVE, 0)).hasSize(33);
  }

  @Test
  void requestsPerMinuteBoundWhatBeginsInAMinute() {
    var limiter = limiter(new PoolLimits(600L, null, 10_000));

    var granted = 0;
    for (long now = 0; now < 60 * SECOND; now += SECOND / 100) {
      granted += granted(limiter, Lane.BATCH, now).size();
    }

    assertThat(granted).isBetween(590, 610);
  }

  @Test
  void batchLeavesAFewPermitsToCallersWhoWait() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));

    var batch = granted(limiter, Lane.BATCH, 0);

    assertThat(batch).hasSize(95);
    assertThat(granted(limiter, Lane.INTERACTIVE, 0)).hasSize(5);
  }

  @Test
  void aPermitComesBackWhenTheOutcomeIsDurableAndNotWithTheAnswer() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 1));
    var permit = grant(limiter, Lane.INTERACTIVE, ONE, 0);

    limiter.answered(permit, taken(RateHeaders.NONE), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, M, ONE, 0)).isEqualTo(new Busy());
    limiter.released(permit);
    assertThat(limiter.admit(Lane.INTERACTIVE, M, ONE, 0)).isInstanceOf(Granted.class);
  }

  @Test
  void aRateLimitedAnswerPausesForAsLongAsTheProviderSays() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));
    var permit = grant(limiter, Lane.INTERACTIVE, ONE, 0);

    limiter.answered(permit, limited(Duration.ofSeconds(3)), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, M, ONE, SECOND))
        .isEqualTo(new Later(2 * SECOND, Extent.MODEL));
    assertThat(limiter.admit(Lane.INTERACTIVE, M, ONE, 3 * SECOND)).isInstanceOf(Granted.class);
  }

  @Test
  void aRefusalPausesItsOwnModelAndNoOther() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));
    var permit = grant(limiter, Lane.INTERACTIVE, ONE, 0);

    limiter.answered(permit, limited(Duration.ofSeconds(3)), 0);

    assertThat(limiter.pauseLeftNanos(M, 0)).isEqualTo(3 * SECOND);
    assertThat(limiter.pauseLeftNanos(OTHER, 0)).isZero();
    assertThat(limiter.admit(Lane.INTERACTIVE, OTHER, ONE, 0)).isInstanceOf(Granted.class);
    assertThat(limiter.pauseLeftNanos(0)).as("the pool serves one of them").isZero();
    assertThat(limiter.states(0).getFirst().pauseLeft()).isZero();
    assertThat(limiter.states(0).getFirst().models())
        .extracting(PoolLimiter.ModelState::name, PoolLimiter.ModelState::pauseLeft)
        .containsExactly(tuple(M, Duration.ofSeconds(3)), tuple(OTHER, Duration.ZERO));
  }

  @Test
  void aRefusalInTheNameOfAllPausesEveryModel() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));
    var permit = grant(limiter, Lane.INTERACTIVE, ONE, 0);

    limiter.answered(
        permit,
        new Feedback(
            1, 0L, Feedback.Kind.CREDENTIAL_LIMITED, Duration.ofSeconds(3), RateHeaders.NONE),
        0);

    assertThat(limiter.admit(Lane.INTERACTIVE, OTHER, ONE, 0))
        .isEqualTo(new Later(3 * SECOND, Extent.ALL));
    assertThat(limiter.states(0).getFirst().pauseLeft()).isEqualTo(Duration.ofSeconds(3));
    assertThat(limiter.admit(Lane.INTERACTIVE, OTHER, ONE, 3 * SECOND)).isInstanceOf(Granted.class);
  }

  @Test
  void allModelsOfACredentialShareItsConfiguredLimit() {
    var limiter = limiter(new PoolLimits(600L, null, 10_000));

    var granted = 0;
    for (long now = 0; now < 60 * SECOND; now += SECOND / 100) {
      var model = now % (SECOND / 50) == 0 ? M : OTHER;
      while (limiter.admit(Lane.BATCH, model, ONE, now) instanceof Granted) {
        granted++;
      }
    }

    assertThat(granted).isBetween(590, 610);
  }

  @Test
  void aLimitOfOneModelHoldsForItAlone() {
    var limits =
        new CredentialLimits("a", new PerMinute(6000L, null), Map.of(M, new PerMinute(60L, null)));
    var limiter = limiter(new PoolLimits(List.of(limits), PerMinute.UNKNOWN, 10_000));

    var granted = granted(limiter, Lane.BATCH, 0);
    var wait = limiter.admit(Lane.BATCH, M, ONE, 0);

    assertThat(granted).hasSize(1);
    assertThat(wait)
        .isInstanceOfSatisfying(
            Later.class, later -> assertThat(later.extent()).isEqualTo(Extent.MODEL));
    assertThat(limiter.admit(Lane.BATCH, OTHER, ONE, 0)).isInstanceOf(Granted.class);
  }

  @Test
  void headersTeachTheLimitOfTheModelThatTheyCameWith() {
    var limiter = limiter(new PoolLimits((Long) null, null, 100_000));
    var permit = grant(limiter, Lane.BATCH, ONE, 0);
    grantOther(limiter, 0);

    limiter.answered(
        permit, taken(new RateHeaders(new Window(600L, 599L, Duration.ofMillis(100)), null)), 0);

    assertThat(limiter.states(0).getFirst().models())
        .extracting(PoolLimiter.ModelState::requestsLearned)
        .containsExactly(600L, null);
  }

  @Test
  void aModelThatNobodyAskedForInAWhileIsForgotten() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));
    grant(limiter, Lane.BATCH, ONE, 0);
    grantOther(limiter, 400 * SECOND);

    limiter.forgetUnused(601 * SECOND);

    assertThat(limiter.states(601 * SECOND).getFirst().models())
        .extracting(PoolLimiter.ModelState::name)
        .containsExactly(OTHER);
  }

  @Test
  void aCallThatIsTooLargeForNowIsNotOvertakenByThoseWhoTakeFromTheSameTokens() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, 60_000L, 100));

    grant(limiter, Lane.BATCH, new TokenCount(200, 40), 0);

    assertThat(limiter.admit(Lane.BATCH, OTHER, new TokenCount(200, 40), 0))
        .isInstanceOfSatisfying(
            Later.class, later -> assertThat(later.extent()).isEqualTo(Extent.ALL));
  }

  @Test
  void tokensThatWereNotUsedComeBackToThePoolsOwnLimit() {
    var limits = two(NO_LIMIT, NO_LIMIT);
    var limiter =
        limiter(
            new PoolLimits(
                limits.credentials(), new PerMinute(null, 60_000L), limits.concurrencyMax()));
    var permit = grant(limiter, Lane.BATCH, new TokenCount(200, 40), 0);
    assertThat(limiter.admit(Lane.BATCH, M, new TokenCount(200, 0), 0)).isInstanceOf(Later.class);

    limiter.answered(
        permit, new Feedback(240, 35L, Feedback.Kind.TAKEN, null, RateHeaders.NONE), 0);

    assertThat(limiter.admit(Lane.BATCH, M, new TokenCount(200, 0), 0)).isInstanceOf(Granted.class);
  }

  @Test
  void aLaterAndShorterWordDoesNotShortenAPause() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));
    var first = grant(limiter, Lane.INTERACTIVE, ONE, 0);
    var second = grant(limiter, Lane.INTERACTIVE, ONE, 0);
    limiter.answered(first, limited(Duration.ofSeconds(3)), 0);

    limiter.answered(second, limited(Duration.ofMillis(10)), 0);

    assertThat(limiter.pauseLeftNanos(0)).isEqualTo(3 * SECOND);
  }

  @Test
  void aWordOfADayPausesForAMinute() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));
    var permit = grant(limiter, Lane.INTERACTIVE, ONE, 0);

    limiter.answered(permit, limited(Duration.ofDays(1)), 0);

    assertThat(limiter.pauseLeftNanos(0)).isEqualTo(60 * SECOND);
  }

  @Test
  void pausesWithoutAWordGetLongerWhileTheyAreTooShort() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));
    var pauses = new ArrayList<Long>();

    var now = 0L;
    for (int i = 0; i < 7; i++) {
      var permit = grant(limiter, Lane.INTERACTIVE, ONE, now);
      limiter.answered(permit, limited(null), now);
      pauses.add(limiter.pauseLeftNanos(now) / 1_000_000);
      now += limiter.pauseLeftNanos(now) + 2 * SECOND / 10;
    }

    assertThat(pauses).containsExactly(500L, 1000L, 2000L, 4000L, 8000L, 8000L, 8000L);
  }

  @Test
  void whatAnotherWorkerWasToldPausesUsAndIsNotToldOn() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));

    limiter.pausedElsewhere(PoolLimits.ONLY, M, Duration.ofSeconds(2), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, M, ONE, 0))
        .isEqualTo(new Later(2 * SECOND, Extent.MODEL));
    assertThat(limiter.states(0).getFirst().models().getFirst().pauseLeft()).isZero();
  }

  @Test
  void tokensReservedAndNotUsedComeBack() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, 60_000L, 100));
    var permit = grant(limiter, Lane.BATCH, new TokenCount(200, 40), 0);
    assertThat(limiter.admit(Lane.BATCH, M, new TokenCount(200, 0), 0)).isInstanceOf(Later.class);

    limiter.answered(
        permit, new Feedback(240, 35L, Feedback.Kind.TAKEN, null, RateHeaders.NONE), 0);

    assertThat(limiter.admit(Lane.BATCH, M, new TokenCount(200, 0), 0)).isInstanceOf(Granted.class);
  }

  @Test
  void anUnknownLimitIsLearnedFromAnswers() {
    var limiter = limiter(new PoolLimits((Long) null, null, 100_000));
    var permit = grant(limiter, Lane.BATCH, ONE, 0);

    limiter.answered(
        permit, taken(new RateHeaders(new Window(600L, 599L, Duration.ofMillis(100)), null)), 0);

    assertThat(grantedInAMinute(limiter)).isBetween(580, 605);
    assertThat(limiter.states(0).getFirst().models().getFirst().requestsLearned()).isEqualTo(600L);
  }

  @Test
  void aLimitThatTheProviderHalvesIsFollowedWithItsNextAnswer() {
    var limiter = limiter(new PoolLimits(600L, null, 100_000));
    var permit = grant(limiter, Lane.BATCH, ONE, 0);

    limiter.answered(
        permit, taken(new RateHeaders(new Window(300L, 295L, Duration.ofSeconds(1)), null)), 0);

    assertThat(grantedInAMinute(limiter)).isBetween(290, 303);
  }

  @Test
  void aProviderThatAllowsMoreThanIsConfiguredIsNotAskedForMore() {
    var limiter = limiter(new PoolLimits(600L, null, 100_000));
    var permit = grant(limiter, Lane.BATCH, ONE, 0);

    limiter.answered(
        permit, taken(new RateHeaders(new Window(6000L, 5990L, Duration.ofMillis(100)), null)), 0);

    assertThat(grantedInAMinute(limiter)).isBetween(580, 605);
  }

  @Test
  void tokensOfPromptsAndOfAnswersHaveLimitsOfTheirOwn() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100_000));
    var permit = grant(limiter, Lane.BATCH, ONE, 0);

    limiter.answered(
        permit,
        taken(
            new RateHeaders(
                null,
                null,
                new Window(60_000L, 59_000L, Duration.ofSeconds(1)),
                new Window(6_000L, 5_900L, Duration.ofSeconds(1)))),
        0);

    assertThat(limiter.admit(Lane.BATCH, M, new TokenCount(10, 1000), SECOND))
        .isInstanceOf(Granted.class);
    assertThat(limiter.admit(Lane.BATCH, M, new TokenCount(10, 1), 2 * SECOND))
        .as("answers are in debt, prompts are not")
        .isInstanceOf(Later.class);
    assertThat(limiter.admit(Lane.BATCH, M, new TokenCount(10, 1), 12 * SECOND))
        .isInstanceOf(Granted.class);
  }

  @Test
  void whatTheProviderHasLeftBoundsABurst() {
    var limiter = limiter(new PoolLimits(6000L, null, 100_000));
    var permit = grant(limiter, Lane.BATCH, ONE, 0);
    limiter.answered(
        permit, taken(new RateHeaders(new Window(6000L, 3L, Duration.ofSeconds(60)), null)), 0);

    assertThat(granted(limiter, Lane.BATCH, 0)).hasSize(4);
  }

  @Test
  void aLimitPerDayIsNotTakenForOnePerMinute() {
    var limiter = limiter(new PoolLimits((Long) null, null, 1000));
    var permit = grant(limiter, Lane.INTERACTIVE, ONE, 0);

    limiter.answered(
        permit,
        taken(new RateHeaders(new Window(10_000L, 9_999L, Duration.ofMillis(8640)), null)),
        0);

    assertThat(limiter.states(0).getFirst().models().getFirst().requestsLearned()).isNull();
  }

  @Test
  void whereNoRateIsKnownNothingLeftMeansToWaitForTheReset() {
    var limiter = limiter(new PoolLimits((Long) null, null, 1000));
    var permit = grant(limiter, Lane.INTERACTIVE, ONE, 0);

    limiter.answered(
        permit, taken(new RateHeaders(new Window(null, 0L, Duration.ofSeconds(7)), null)), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, M, ONE, 0))
        .isEqualTo(new Later(7 * SECOND, Extent.MODEL));
  }

  @Test
  void aPausedCredentialLeavesTheCallsToTheOthers() {
    var limiter = limiter(two(NO_LIMIT, NO_LIMIT));
    var permit = grant(limiter, Lane.BATCH, ONE, 0);

    limiter.answered(permit, limited(Duration.ofSeconds(30)), 0);

    assertThat(granted(limiter, Lane.BATCH, 0))
        .hasSize(94)
        .allSatisfy(each -> assertThat(each.credential()).isNotEqualTo(permit.credential()));
    assertThat(limiter.pauseLeftNanos(0)).as("one is free").isZero();
  }

  @Test
  void callsGoToTheCredentialsAsTheirLimitsAllow() {
    var limiter = limiter(two(600, 1800));

    var granted = new ArrayList<Permit>();
    for (long now = 0; now < 60 * SECOND; now += SECOND / 100) {
      for (var permit : granted(limiter, Lane.BATCH, now)) {
        granted.add(permit);
        limiter.released(permit);
      }
    }

    assertThat(granted.stream().filter(each -> each.credential().equals("a")).count())
        .isBetween(590L, 605L);
    assertThat(granted.stream().filter(each -> each.credential().equals("b")).count())
        .isBetween(1760L, 1800L);
  }

  @Test
  void thePoolsOwnLimitBoundsAllCredentialsTogether() {
    var limits = two(600, 600);
    var limiter =
        limiter(
            new PoolLimits(
                limits.credentials(), new PerMinute(300L, null), limits.concurrencyMax()));

    assertThat(grantedInAMinute(limiter)).isBetween(290, 303);
  }

  @Test
  void aRefusedCredentialIsOutLongerEachTimeAndBackAtOnceWithAnotherSecret() {
    var limiter = limiter(two(NO_LIMIT, NO_LIMIT));

    limiter.note("a", Standing.BAD, 0);
    assertThat(limiter.states(0).getFirst().outageLeft()).isEqualTo(Duration.ofSeconds(5));
    limiter.note("a", Standing.BAD, 6 * SECOND);
    assertThat(limiter.states(6 * SECOND).getFirst().outageLeft())
        .isEqualTo(Duration.ofSeconds(10));

    limiter.restored("a");

    assertThat(limiter.inUse("a", 6 * SECOND)).isTrue();
  }

  @Test
  void theLastCredentialGoesOnlyAfterSeveralRefusalsInARow() {
    var limiter = limiter(new PoolLimits(NO_LIMIT, null, 100));

    limiter.note(PoolLimits.ONLY, Standing.BAD, 0);
    limiter.note(PoolLimits.ONLY, Standing.BAD, 0);
    limiter.note(PoolLimits.ONLY, Standing.GOOD, 0);
    limiter.note(PoolLimits.ONLY, Standing.BAD, 0);
    limiter.note(PoolLimits.ONLY, Standing.BAD, 0);
    assertThat(limiter.outageLeftNanos(0)).isZero();

    limiter.note(PoolLimits.ONLY, Standing.BAD, 0);

    assertThat(limiter.outageLeftNanos(0)).isEqualTo(5 * SECOND);
  }

  @Test
  void aForbiddenModelDoesNotPutACredentialOut() {
    var limiter = limiter(two(NO_LIMIT, NO_LIMIT));

    limiter.note("a", Standing.DOUBTFUL, 0);

    assertThat(limiter.inUse("a", 0)).isTrue();
  }

  @Test
  void aCredentialThatStaysKeepsWhatIsKnownOfIt() {
    var limiter = limiter(two(600, 600));
    limiter.pausedElsewhere("a", null, Duration.ofSeconds(9), 0);

    limiter.configure(
        new PoolLimits(
            List.of(new CredentialLimits("a", 700L, null), new CredentialLimits("c", 1L, null)),
            PerMinute.UNKNOWN,
            100),
        0);

    assertThat(limiter.states(0)).extracting(PoolLimiter.State::name).containsExactly("a", "c");
    assertThat(limiter.pauseLeftNanos(0)).isZero();
    limiter.pausedElsewhere("c", null, Duration.ofSeconds(3), 0);
    assertThat(limiter.pauseLeftNanos(0)).isEqualTo(3 * SECOND);
  }

  @Test
  void twoCredentialsOfTheSameNameAreAnError() {
    assertThatThrownBy(
            () ->
                new PoolLimits(
                    List.of(
                        new CredentialLimits("a", PerMinute.UNKNOWN, Map.of()),
                        new CredentialLimits("a", PerMinute.UNKNOWN, Map.of())),
                    PerMinute.UNKNOWN,
                    1))
        .hasMessage("two credentials are called a");
  }

  @Test
  void concurrencyShrinksWhenMostCallsAreRefusedAndGrowsBack() {
    var concurrency = new Concurrency(100);

    answers(concurrency, 500, Concurrency.Verdict.REFUSED);
    var shrunk = concurrency.limit();
    answers(concurrency, 5000, Concurrency.Verdict.TAKEN);

    assertThat(shrunk).isBetween(5, 20);
    assertThat(concurrency.limit()).isEqualTo(100);
  }

  @Test
  void aFewRefusalsAmongManyAnswersAreNoLimit() {
    var concurrency = new Concurrency(100);

    for (int i = 0; i < 100; i++) {
      answers(concurrency, 19, Concurrency.Verdict.TAKEN);
      answers(concurrency, 1, Concurrency.Verdict.REFUSED);
    }

    assertThat(concurrency.limit()).isEqualTo(100);
  }

  @Test
  void theEstimateOfTokensComesNearWhatCallsReallyUse() {
    var estimate = new TokenEstimate();
    for (int i = 0; i < 200; i++) {
      estimate.learn(1000, 400, 90);
    }

    assertThat(estimate.of(1000, Long.MAX_VALUE).total()).isBetween(480L, 500L);
    assertThat(estimate.of(1000, 10).total()).isBetween(400L, 420L);
  }

  private static PoolLimits two(long first, long second) {
    return new PoolLimits(
        List.of(new CredentialLimits("a", first, null), new CredentialLimits("b", second, null)),
        PerMinute.UNKNOWN,
        100);
  }

  private static PoolLimiter limiter(PoolLimits limits) {
    var limiter = new PoolLimiter(limits, 0);
    limiter.share(ALL, 0);
    return limiter;
  }

  private static Permit grant(PoolLimiter limiter, Lane lane, TokenCount count, long now) {
    if (limiter.admit(lane, M, count, now) instanceof Granted(var permit)) {
      return permit;
    }
    throw new AssertionError("not granted at " + now);
  }

  private static void grantOther(PoolLimiter limiter, long now) {
    assertThat(limiter.admit(Lane.BATCH, OTHER, ONE, now)).isInstanceOf(Granted.class);
  }

  private static List<Permit> granted(PoolLimiter limiter, Lane lane, long now) {
    var granted = new ArrayList<Permit>();
    while (limiter.admit(lane, M, ONE, now) instanceof Granted(var permit)) {
      granted.add(permit);
    }
    return granted;
  }

  private static int grantedInAMinute(PoolLimiter limiter) {
    var granted = 0;
    for (long now = 0; now < 60 * SECOND; now += SECOND / 100) {
      for (var permit : granted(limiter, Lane.BATCH, now)) {
        granted++;
        limiter.released(permit);
      }
    }
    return granted;
  }

  private static Feedback limited(@Nullable Duration pause) {
    return new Feedback(1, 0L, Feedback.Kind.MODEL_LIMITED, pause, RateHeaders.NONE);
  }

  private static Feedback taken(RateHeaders headers) {
    return new Feedback(1, 1L, Feedback.Kind.TAKEN, null, headers);
  }

  private static void answers(Concurrency concurrency, int count, Concurrency.Verdict verdict) {
    for (int i = 0; i < count; i++) {
      concurrency.answered(verdict);
    }
  }
}
