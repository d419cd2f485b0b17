package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RequestRateTest {

  private static final long TICK = 5_000_000L;

  @Test
  void aFewRefusalsInAHundredAreAWhimAndNoLimit() {
    var rate = RequestRate.searching(0);
    rate.limit(null, 1, 0);

    var now = answers(rate, 0, 20_000, 20);

    assertThat(rate.rate(now)).isInfinite();
  }

  @Test
  void manyRefusalsAreALimit() {
    var rate = RequestRate.searching(0);
    rate.limit(null, 1, 0);

    var now = answers(rate, 0, 200, 2);

    assertThat(rate.rate(now)).isFinite();
  }

  /** So many answers, each n-th of them a refusal. */
  private static long answers(RequestRate rate, long from, int count, int nth) {
    var now = from;
    for (int i = 1; i <= count; i++) {
      var number = rate.began(now);
      now += TICK;
      if (i % nth == 0) {
        rate.refused(number, now - TICK, now, now);
      } else {
        rate.accepted();
      }
    }
    return now;
  }
}
