package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {

  private static final long SECOND = 1_000_000_000L;

  @Test
  void itStartsWithLessThanHalfASecondsWorthAndNotWithAMinutes() {
    var bucket = new TokenBucket(600, 0);

    var taken = 0;
    while (bucket.waitNanos(1, 0) == 0) {
      bucket.take(1, 0);
      taken++;
    }

    assertThat(taken).isEqualTo(3);
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
    bucket.take(25, 0);

    bucket.correct(25, 5);

    assertThat(bucket.waitNanos(20, 0)).isZero();
    assertThat(bucket.waitNanos(21, 0)).isPositive();
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

    assertThat(taken).isBetween(6020, 6030);
  }

  @Test
  void aChangedRateKeepsNoMoreThanFits() {
    var bucket = new TokenBucket(6000, 0);

    bucket.configure(60, 0);

    bucket.take(1, 0);
    assertThat(bucket.waitNanos(1, 0)).isEqualTo(SECOND / 2);
  }

  @Test
  void nothingIsMadeUpForOfATimeItWasHeld() {
    var bucket = new TokenBucket(60, 0);
    bucket.take(1, 0);

    bucket.holdUntil(10 * SECOND);

    assertThat(bucket.waitNanos(1, 10 * SECOND)).isEqualTo(SECOND);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void inNoTimeItGivesOutMoreThanItsRateAndWhatItHolds(long seed) {
    var random = new Random(seed);
    var perMinute = 60 + random.nextInt(60_000);
    var bucket = new TokenBucket(perMinute, 0);
    var takenAt = new ArrayList<Long>();
    var now = 0L;
    for (int i = 0; i < 2000; i++) {
      now += (long) (random.nextDouble() * random.nextDouble() * 120e9 / perMinute);
      if (bucket.waitNanos(1, now) == 0) {
        bucket.take(1, now);
        takenAt.add(now);
      }
    }

    var holds = 1 + perMinute / 120.0;
    for (int first = 0; first < takenAt.size(); first += 7) {
      for (int last = first; last < takenAt.size(); last += 11) {
        var span = takenAt.get(last) - takenAt.get(first);
        assertThat(last - first + 1.0).isLessThanOrEqualTo(holds + span * perMinute / 60e9 + 1e-6);
      }
    }
  }
}
