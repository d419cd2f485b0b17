package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {

  private static final long SECOND = 1_000_000_000L;

  @Test
  void itStartsWithHalfASecondsWorthAndNotWithAMinutes() {
    var bucket = new TokenBucket(600, 0);

    var taken = 0;
    while (bucket.waitNanos(1, 0) == 0) {
      bucket.take(1, 0);
      taken++;
    }

    assertThat(taken).isEqualTo(5);
  }

  @Test
  void itTellsExactlyHowLongToWait() {
    var bucket = new TokenBucket(60, 0);
    bucket.take(1, 0);

    var wait = bucket.waitNanos(1, SECOND / 4);

    assertThat(wait).isEqualTo(SECOND * 3 / 4);
    assertThat(bucket.waitNanos(1, SECOND / 4 + wait)).isZero();
  }

  @Test
  void aCallLargerThanTheBucketIsServedWhenItIsFullAndPaidOffAfterwards() {
    var bucket = new TokenBucket(6000, 0);

    assertThat(bucket.waitNanos(1000, SECOND)).isZero();
    bucket.take(1000, SECOND);

    assertThat(bucket.waitNanos(100, SECOND)).isEqualTo(10 * SECOND);
  }

  @Test
  void whatWasNotUsedComesBack() {
    var bucket = new TokenBucket(6000, 0);
    bucket.take(50, 0);

    bucket.correct(50, 20);

    assertThat(bucket.waitNanos(30, 0)).isZero();
    assertThat(bucket.waitNanos(31, 0)).isPositive();
  }

  @Test
  void overAnyTimeItGivesOutItsRate() {
    var bucket = new TokenBucket(6000, 0);
    var now = 0L;
    var taken = 0;
    while (now < 60 * SECOND) {
      var wait = bucket.waitNanos(1, now);
      if (wait == 0) {
        bucket.take(1, now);
        taken++;
      } else {
        now += wait;
      }
    }

    assertThat(taken).isBetween(6045, 6051);
  }

  @Test
  void aChangedRateKeepsNoMoreThanFits() {
    var bucket = new TokenBucket(6000, 0);

    bucket.configure(60, 0);

    bucket.take(1, 0);
    assertThat(bucket.waitNanos(1, 0)).isEqualTo(SECOND);
  }
}
