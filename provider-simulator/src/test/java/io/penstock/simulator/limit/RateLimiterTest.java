package io.penstock.simulator.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.simulator.limit.Admission.Admitted;
import io.penstock.simulator.limit.Admission.Kind;
import io.penstock.simulator.limit.Admission.Refused;
import io.penstock.simulator.limit.RateLimits.LimitHeaders;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
  private static final long T0 = -5_000_000_000L;
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aSecondsWorthMayComeAtOnceAndNoMore() {
    var limiter = new RateLimiter(RateLimits.unlimited().withRequests(600), T0);
    for (int n = 0; n < 10; n++) {
      assertThat(limiter.admit(T0, 1)).isInstanceOf(Admitted.class);
    }

    var eleventh = limiter.admit(T0, 1);

    assertThat(eleventh)
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.reached()).isEqualTo(Kind.REQUESTS);
              assertThat(refused.waitNanos()).isEqualTo(SECOND / 10);
              assertThat(refused.requests()).contains(new LimitState(600, 0, SECOND));
            });
    assertThat(limiter.admit(T0 + SECOND / 10 - 1, 1)).isInstanceOf(Refused.class);
    assertThat(limiter.admit(T0 + SECOND / 10, 1)).isInstanceOf(Admitted.class);
  }

  @Test
  void overAMinuteTheLimitAndTheBurstAreServed() {
    var limiter = new RateLimiter(RateLimits.unlimited().withRequests(6_000), T0);
    int served = 0;

    for (long now = T0; now < T0 + 60 * SECOND; now += SECOND / 500) {
      served += limiter.admit(now, 1) instanceof Admitted ? 1 : 0;
    }

    assertThat(served).isBetween(6_090, 6_100);
  }

  @Test
  void aCallTakesFromBothLimitsOrFromNone() {
    var limiter = new RateLimiter(RateLimits.perMinute(600, 6_000), T0);
    assertThat(limiter.admit(T0, 60)).isInstanceOf(Admitted.class);
    assertThat(limiter.admit(T0, 60)).isInstanceOf(Refused.class);

    var third = limiter.admit(T0, 40);

    assertThat(third.requests().orElseThrow().remaining()).isEqualTo(8);
    assertThat(third.tokens().orElseThrow().remaining()).isZero();
  }

  @Test
  void theLongerWaitIsTheOneThatIsTold() {
    var limiter = new RateLimiter(RateLimits.perMinute(600, 6_000), T0);
    assertThat(limiter.admit(T0, 100)).isInstanceOf(Admitted.class);

    var refused = limiter.admit(T0, 50);

    assertThat(refused)
        .isInstanceOfSatisfying(
            Refused.class,
            no -> {
              assertThat(no.reached()).isEqualTo(Kind.TOKENS);
              assertThat(no.perMinute()).isEqualTo(6_000);
              assertThat(no.requested()).isEqualTo(50);
              assertThat(no.waitNanos()).isEqualTo(SECOND / 2);
            });
  }

  @Test
  void aCallLargerThanTheBucketIsServedWhenItIsFullAndLeavesADebt() {
    var limiter = new RateLimiter(RateLimits.unlimited().withTokens(6_000), T0);

    assertThat(limiter.admit(T0, 1_000))
        .isInstanceOfSatisfying(
            Admitted.class,
            yes -> assertThat(yes.tokens()).contains(new LimitState(6_000, 0, 10 * SECOND)));

    assertThat(limiter.admit(T0, 1))
        .isInstanceOfSatisfying(
            Refused.class, no -> assertThat(no.waitNanos()).isEqualTo(9 * SECOND + SECOND / 100));
    assertThat(limiter.admit(T0 + 10 * SECOND, 1_000)).isInstanceOf(Admitted.class);
  }

  @Test
  void theBurstIsConfigurable() {
    var limits = RateLimits.unlimited().withRequests(60).withBurst(Duration.ofMinutes(1));
    var limiter = new RateLimiter(limits, T0);

    for (int n = 0; n < 60; n++) {
      assertThat(limiter.admit(T0, 1)).isInstanceOf(Admitted.class);
    }
    assertThat(limiter.admit(T0, 1)).isInstanceOf(Refused.class);
  }

  @Test
  void noLimitsLetEverythingThroughAndSayNothing() {
    var limiter = new RateLimiter(RateLimits.unlimited(), T0);

    for (int n = 0; n < 10_000; n++) {
      var admission = limiter.admit(T0, 1_000_000);
      assertThat(admission).isInstanceOf(Admitted.class);
      assertThat(admission.requests()).isEmpty();
      assertThat(admission.tokens()).isEmpty();
    }
  }

  @Test
  void hiddenLimitsRefuseWithoutHeaders() {
    var limits = RateLimits.perMinute(60, 6_000).withHeaders(LimitHeaders.HIDDEN);
    var limiter = new RateLimiter(limits, T0);
    assertThat(limiter.admit(T0, 1).requests()).isEmpty();

    var refused = limiter.admit(T0, 1);

    assertThat(refused).isInstanceOf(Refused.class);
    assertThat(refused.requests()).isEmpty();
  }

  @Test
  void otherLimitsCountFromWhenTheyArePutInForce() {
    var limiter = new RateLimiter(RateLimits.unlimited().withRequests(60), T0);
    limiter.admit(T0, 1);
    assertThat(limiter.admit(T0, 1)).isInstanceOf(Refused.class);

    limiter.change(RateLimits.unlimited().withRequests(120), T0);

    assertThat(limiter.admit(T0, 1)).isInstanceOf(Admitted.class);
    assertThat(limiter.admit(T0, 1)).isInstanceOf(Admitted.class);
    assertThat(limiter.admit(T0, 1)).isInstanceOf(Refused.class);
  }

  @Test
  void limitsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> RateLimits.unlimited().withRequests(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the limit on requests per minute must be from 1 to 100000000");
    assertThatThrownBy(() -> RateLimits.unlimited().withTokens(100_000_001))
        .hasMessage("the limit on tokens per minute must be from 1 to 100000000");
    assertThatThrownBy(() -> RateLimits.unlimited().withBurst(Duration.ofMinutes(2)))
        .hasMessage("the burst must be from 1ms to 1m");
  }

  @Test
  void theLargestLimitDoesNotOverflow() {
    var limits = RateLimits.perMinute(100_000_000, 100_000_000).withBurst(Duration.ofMinutes(1));
    var limiter = new RateLimiter(limits, T0);

    assertThat(limiter.admit(T0, 100_000_000).tokens())
        .contains(new LimitState(100_000_000, 0, 60 * SECOND));
  }
}
