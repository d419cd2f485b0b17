package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentRefusalsTest {

  private final RecentRefusals refusals = new RecentRefusals();

  private void begin(int count) {
    for (int i = 0; i < count; i++) {
      refusals.began();
    }
  }

  @Test
  void refusalsOfABurstAreSpreadOverItWheneverTheyAreHeardOf() {
    begin(256);
    for (int number = 0; number < 256; number += 16) {
      refusals.refused(number);
    }

    assertThat(refusals.upTo(240)).isEqualTo(2);
  }

  @Test
  void onlyTheLastThirtyTwoCount() {
    begin(100);
    for (int number = 0; number < 100; number++) {
      refusals.refused(number);
    }

    assertThat(refusals.upTo(9)).isEqualTo(10);
    assertThat(refusals.upTo(99)).isEqualTo(32);
  }

  @Test
  void placesAreUsedAgain() {
    begin(10);
    refusals.refused(5);
    begin(1024);

    assertThat(refusals.upTo(1029)).isZero();
    assertThat(refusals.upTo(5)).isZero();
  }

  @Test
  void whatIsOlderOrNeverBeganIsNotRemembered() {
    begin(2000);

    refusals.refused(3);
    refusals.refused(4000);

    assertThat(refusals.upTo(1027)).isZero();
    assertThat(refusals.upTo(4000)).isZero();
  }
}
