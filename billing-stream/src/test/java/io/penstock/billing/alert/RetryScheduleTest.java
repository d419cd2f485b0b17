package io.penstock.billing.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.billing.alert.Outcome.Failed;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RetryScheduleTest {

  private static final Failed ERROR = new Failed("status 500", null, false);

  @Test
  void aDeliveryIsTriedTenTimesInThreeDaysAndThenGivenUp() {
    var sum = Duration.ZERO;
    var attempt = 1;
    for (var pause = RetrySchedule.pause(attempt, ERROR, 0);
        pause != null;
        pause = RetrySchedule.pause(++attempt, ERROR, 0)) {
      sum = sum.plus(pause);
    }

    assertThat(attempt).isEqualTo(10);
    assertThat(sum).isBetween(Duration.ofHours(75), Duration.ofHours(76));
  }

  @Test
  void thePauseIsSpreadByAFifthToEitherSide() {
    assertThat(RetrySchedule.pause(2, ERROR, -200)).isEqualTo(Duration.ofMinutes(4));
    assertThat(RetrySchedule.pause(2, ERROR, 200)).isEqualTo(Duration.ofMinutes(6));
  }

  @Test
  void anOverwhelmedEndpointHasAMinuteAtLeast() {
    assertThat(RetrySchedule.pause(1, new Failed("status 429", null, true), 0))
        .isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void whatAnEndpointAsksForCountsUpToTwiceTheSchedule() {
    assertThat(RetrySchedule.pause(2, new Failed("", Duration.ofMinutes(7), false), 0))
        .isEqualTo(Duration.ofMinutes(7));
    assertThat(RetrySchedule.pause(2, new Failed("", Duration.ofDays(1), false), 0))
        .isEqualTo(Duration.ofMinutes(10));
    assertThat(RetrySchedule.pause(2, new Failed("", Duration.ZERO, false), 0))
        .isEqualTo(Duration.ofMinutes(5));
  }
}
