package io.penstock.billing.alert;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a delivery that failed is tried again: the schedule that Standard Webhooks recommends, about
 * 76 hours in all.
 */
final class RetrySchedule {

  /** How far the jitter goes to either side, in thousandths. */
  static final int JITTER_PERMILLE = 200;

  private static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(14),
          Duration.ofHours(20),
          Duration.ofHours(24));
  private static final Duration SLOW_MIN = Duration.ofSeconds(60);
  private static final int PERMILLE = 1000;

  private RetrySchedule() {}

  /**
   * The pause after a failed attempt; null when it was the last one. What the endpoint asks for
   * counts as far as it is between once and twice the scheduled pause.
   *
   * @param attempt from 1
   * @param jitterPermille from -{@link #JITTER_PERMILLE} to {@link #JITTER_PERMILLE}
   */
  static @Nullable Duration pause(int attempt, Outcome.Failed failure, int jitterPermille) {
    if (attempt > PAUSES.size()) {
      return null;
    }
    var scheduled = PAUSES.get(attempt - 1);
    if (failure.slow() && scheduled.compareTo(SLOW_MIN) < 0) {
      scheduled = SLOW_MIN;
    }
    var asked = failure.retryAfter();
    if (asked != null) {
      var most = scheduled.multipliedBy(2);
      if (asked.compareTo(scheduled) > 0) {
        return asked.compareTo(most) > 0 ? most : asked;
      }
    }
    return scheduled.plus(scheduled.multipliedBy(jitterPermille).dividedBy(PERMILLE));
  }
}
