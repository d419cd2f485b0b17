package io.penstock.router.pace;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BucketTest {

  private static final long T0 = 1_700_000_000_000L;
  private static final long MINUTE = 60_000;

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 7, 10, 59, 60, 61, 999, 60_000, 60_001, 1_000_003})
  void aFullBucketHoldsExactlyOneMinutesWorth(long limit) {
    var bucket = Bucket.full(limit, T0);
    var step = Math.max(1, limit / 50);
    var taken = 0L;
    while (bucket.waitMillis(step) == 0 && !bucket.tooSmallFor(step)) {
      bucket = bucket.take(step);
      taken += step;
    }

    assertThat(taken).isEqualTo(limit / step * step);
    assertThat(bucket.take(limit - taken).remaining()).isZero();
    assertThat(bucket.take(limit - taken).resetMillis()).isEqualTo(MINUTE);
  }

  @ParameterizedTest
  @CsvSource({
    // limit, taken, after ms, remaining, wait for one more, until full
    "60, 60, 0, 0, 1000, 60000",
    "60, 60, 999, 0, 1, 59001",
    "60, 60, 1000, 1, 0, 59000",
    "60, 1, 0, 59, 0, 1000",
    "7, 7, 8571, 0, 1, 51429",
    "7, 7, 8572, 1, 0, 51428",
    "7, 7, 60000, 7, 0, 0",
    "1, 1, 59999, 0, 1, 1",
    "1, 1, 60000, 1, 0, 0",
    "100000, 100000, 1, 1, 0, 59999",
  })
  void timeFillsItEvenly(
      long limit, long taken, long after, long remaining, long wait, long untilFull) {
    var bucket = Bucket.full(limit, T0).take(taken).at(limit, T0 + after);

    assertThat(bucket.remaining()).isEqualTo(remaining);
    assertThat(bucket.waitMillis(1)).isEqualTo(wait);
    assertThat(bucket.resetMillis()).isEqualTo(untilFull);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void noSpanOfTimeSeesMoreThanItsShareAndOneBucketful(long seed) {
    var random = new Random(seed);
    var limit = 1 + random.nextInt(40);
    var bucket = Bucket.full(limit, T0);
    var taken = new ArrayDeque<Long>();
    var all = 0L;
    var now = T0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(10) == 0 ? random.nextInt(30_000) : random.nextInt(500);
      bucket = bucket.at(limit, now);
      if (bucket.waitMillis(1) == 0) {
        bucket = bucket.take(1);
        taken.add(now);
        all++;
      } else {
        assertThat(bucket.at(limit, now + bucket.waitMillis(1)).waitMillis(1)).isZero();
        assertThat(bucket.at(limit, now + bucket.waitMillis(1) - 1).waitMillis(1)).isPositive();
      }
      while (taken.peek() <= now - MINUTE) {
        taken.poll();
      }
      assertThat(taken).hasSizeLessThanOrEqualTo(2 * limit);
      assertThat(all * MINUTE).isLessThanOrEqualTo((now - T0) * limit + limit * MINUTE);
    }
    assertThat(all).isGreaterThan(limit);
  }

  @Test
  void whoKeepsToTheLimitIsNeverRefused() {
    var bucket = Bucket.full(7, T0);
    for (int i = 1; i <= 10_000; i++) {
      bucket = bucket.at(7, T0 + Math.ceilDiv(i * MINUTE, 7));

      assertThat(bucket.waitMillis(1)).isZero();
      bucket = bucket.take(1);
    }
  }

  @Test
  void whatIsGivenBackIsAsIfItHadNeverBeenTaken() {
    var random = new Random(9);
    for (int i = 0; i < 2_000; i++) {
      var start = Bucket.full(1_000, T0).take(random.nextInt(1_001));
      var more = random.nextInt((int) start.remaining() + 1);
      var used = random.nextInt(more + 1);
      var later = T0 + random.nextInt(70_000);

      var given = start.take(more).at(1_000, later).give(more - used);

      assertThat(given.used()).isEqualTo(start.take(used).at(1_000, later).used());
    }
  }

  @ParameterizedTest
  @CsvSource({
    // from, taken, to, remaining
    "10, 10, 100, 0", // raised: no burst
    "10, 5, 100, 50",
    "10, 0, 100, 100",
    "100, 100, 10, 0", // lowered below what was used: nothing left, never less
    "100, 50, 10, 0",
    "100, 4, 10, 6",
    "3, 1, 7, 4", // rounded against the caller
  })
  void aChangedLimitIsNoBurst(long from, long taken, long to, long remaining) {
    var bucket = Bucket.full(from, T0).take(taken).at(to, T0);

    assertThat(bucket.remaining()).isEqualTo(remaining);
    assertThat(bucket.at(to, T0 + MINUTE).remaining()).isEqualTo(to);
  }

  @Test
  void changingTheLimitToAndFroGivesNothingAway() {
    var bucket = Bucket.full(10, T0).take(10);
    for (int i = 0; i < 100; i++) {
      bucket = bucket.at(1_000, T0).at(10, T0);
    }

    assertThat(bucket.remaining()).isZero();
  }

  @Test
  void aClockThatGoesBackNeitherFillsNorLocksOut() {
    var bucket = Bucket.full(60, T0).take(60).at(60, T0 - 300_000);

    assertThat(bucket.remaining()).isZero();
    assertThat(bucket.at(60, T0 - 299_000).remaining()).isEqualTo(1);
  }

  @Test
  void hugeLimitsAndAmountsStayExact() {
    var bucket = Bucket.full(Long.MAX_VALUE, T0);

    assertThat(bucket.remaining()).isEqualTo(Bucket.LIMIT_MAX);
    assertThat(bucket.take(Long.MAX_VALUE).remaining()).isZero();
    assertThat(bucket.take(Long.MAX_VALUE).at(Long.MAX_VALUE, T0 + 30_000).remaining())
        .isEqualTo(BigInteger.valueOf(Bucket.LIMIT_MAX).divide(BigInteger.TWO).longValueExact());
    assertThat(Bucket.full(1, T0).take(1).at(Long.MAX_VALUE, Long.MAX_VALUE).used()).isZero();
    assertThat(Bucket.full(0, T0).tooSmallFor(1)).isTrue();
    assertThat(Bucket.full(0, T0).at(5, T0).remaining()).isZero();
  }
}
