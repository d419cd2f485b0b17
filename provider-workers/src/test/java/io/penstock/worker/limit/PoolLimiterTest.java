package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Lane;
import io.penstock.worker.limit.Admission.Busy;
import io.penstock.worker.limit.Admission.Granted;
import io.penstock.worker.limit.Admission.Later;
import io.penstock.worker.limit.RateHeaders.Window;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PoolLimiterTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Share ALL = new Share(6, 6);

  @Test
  void withoutPartitionsThereIsNoPermit() {
    var limiter = new PoolLimiter(new PoolLimits(600L, null, 10));

    assertThat(limiter.admit(Lane.INTERACTIVE, 1, 0)).isEqualTo(new Busy());
  }

  @Test
  void aShareOfThePartitionsIsThatShareOfEveryLimit() {
    var limiter = new PoolLimiter(new PoolLimits(null, null, 100));

    limiter.share(new Share(2, 6), 0);

    assertThat(granted(limiter, Lane.INTERACTIVE, 0)).isEqualTo(33);
  }

  @Test
  void requestsPerMinuteBoundWhatBeginsInAMinute() {
    var limiter = limiter(new PoolLimits(600L, null, 10_000));

    var granted = 0;
    for (long now = 0; now < 60 * SECOND; now += SECOND / 100) {
      granted += granted(limiter, Lane.BATCH, now);
    }

    assertThat(granted).isBetween(590, 610);
  }

  @Test
  void batchLeavesAFewPermitsToCallersWhoWait() {
    var limiter = limiter(new PoolLimits(null, null, 100));

    var batch = granted(limiter, Lane.BATCH, 0);

    assertThat(batch).isEqualTo(95);
    assertThat(granted(limiter, Lane.INTERACTIVE, 0)).isEqualTo(5);
  }

  @Test
  void aPermitComesBackWhenTheOutcomeIsDurableAndNotWithTheAnswer() {
    var limiter = limiter(new PoolLimits(null, null, 1));
    limiter.admit(Lane.INTERACTIVE, 1, 0);

    limiter.answered(taken(RateHeaders.NONE), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, 1, 0)).isEqualTo(new Busy());
    limiter.released();
    assertThat(limiter.admit(Lane.INTERACTIVE, 1, 0)).isInstanceOf(Granted.class);
  }

  @Test
  void aRateLimitedAnswerPausesTheWholePoolForAsLongAsTheProviderSays() {
    var limiter = limiter(new PoolLimits(null, null, 100));
    limiter.admit(Lane.INTERACTIVE, 1, 0);

    limiter.answered(limited(Duration.ofSeconds(3)), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, 1, SECOND)).isEqualTo(new Later(2 * SECOND));
    assertThat(limiter.admit(Lane.INTERACTIVE, 1, 3 * SECOND)).isInstanceOf(Granted.class);
  }

  @Test
  void aRateLimitedAnswerWithoutAWordPausesHalfASecond() {
    var limiter = limiter(new PoolLimits(null, null, 100));
    limiter.admit(Lane.INTERACTIVE, 1, 0);

    limiter.answered(limited(null), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, 1, 0)).isEqualTo(new Later(SECOND / 2));
  }

  @Test
  void aLaterAndShorterWordDoesNotShortenAPause() {
    var limiter = limiter(new PoolLimits(null, null, 100));
    limiter.admit(Lane.INTERACTIVE, 1, 0);
    limiter.admit(Lane.INTERACTIVE, 1, 0);
    limiter.answered(limited(Duration.ofSeconds(3)), 0);

    limiter.answered(limited(Duration.ofMillis(10)), 0);

    assertThat(limiter.pauseLeftNanos(0)).isEqualTo(3 * SECOND);
  }

  @Test
  void tokensReservedAndNotUsedComeBack() {
    var limiter = limiter(new PoolLimits(null, 60_000L, 100));
    assertThat(limiter.admit(Lane.BATCH, 490, 0)).isEqualTo(new Granted(490));
    assertThat(limiter.admit(Lane.BATCH, 400, 0)).isInstanceOf(Later.class);

    limiter.answered(new Feedback(490, 85L, Feedback.Kind.TAKEN, null, RateHeaders.NONE), 0);

    assertThat(limiter.admit(Lane.BATCH, 400, 0)).isEqualTo(new Granted(400));
  }

  @Test
  void anUnknownLimitIsLearnedFromAnswers() {
    var limiter = limiter(new PoolLimits(null, null, 100_000));
    limiter.admit(Lane.BATCH, 1, 0);

    limiter.answered(
        taken(new RateHeaders(new Window(600L, 599L, Duration.ofMillis(100)), null)), 0);

    assertThat(granted(limiter, Lane.BATCH, 0)).isBetween(4, 5);
  }

  @Test
  void aLimitPerDayIsNotTakenForOnePerMinute() {
    var limiter = limiter(new PoolLimits(null, null, 1000));
    limiter.admit(Lane.INTERACTIVE, 1, 0);

    limiter.answered(
        taken(new RateHeaders(new Window(10_000L, 9_999L, Duration.ofMillis(8640)), null)), 0);
    limiter.released();

    assertThat(granted(limiter, Lane.INTERACTIVE, 0)).isEqualTo(1000);
  }

  @Test
  void whereNoRateIsKnownNothingLeftMeansToWaitForTheReset() {
    var limiter = limiter(new PoolLimits(null, null, 1000));
    limiter.admit(Lane.INTERACTIVE, 1, 0);

    limiter.answered(taken(new RateHeaders(new Window(null, 0L, Duration.ofSeconds(7)), null)), 0);

    assertThat(limiter.admit(Lane.INTERACTIVE, 1, 0)).isEqualTo(new Later(7 * SECOND));
  }

  @Test
  void aConfiguredLimitIsNotReplacedByALearnedOne() {
    var limiter = limiter(new PoolLimits(6000L, null, 1000));
    limiter.admit(Lane.INTERACTIVE, 1, 0);

    limiter.answered(taken(new RateHeaders(new Window(60L, 59L, Duration.ofSeconds(1)), null)), 0);

    assertThat(granted(limiter, Lane.INTERACTIVE, 0)).isBetween(47, 50);
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

    assertThat(estimate.of(1000, Long.MAX_VALUE)).isBetween(480L, 500L);
    assertThat(estimate.of(1000, 10)).isBetween(400L, 420L);
  }

  private static PoolLimiter limiter(PoolLimits limits) {
    var limiter = new PoolLimiter(limits);
    limiter.share(ALL, 0);
    return limiter;
  }

  private static int granted(PoolLimiter limiter, Lane lane, long now) {
    var granted = 0;
    while (limiter.admit(lane, 1, now) instanceof Granted) {
      granted++;
    }
    return granted;
  }

  private static Feedback limited(@Nullable Duration pause) {
    return new Feedback(1, 0L, Feedback.Kind.RATE_LIMITED, pause, RateHeaders.NONE);
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
