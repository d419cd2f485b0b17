package io.penstock.router.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {

  private static final long T0 = 1_000_000;

  private long now = T0;
  private final Backlog backlog = new Backlog(now);

  @Test
  void afterAStartSomeSecondsAreWaited() {
    assertThat(possibleFor(5)).isTrue();
    assertThat(look()).isFalse();
  }

  @Test
  void oldOutcomesProlongIt() {
    possibleFor(4);
    backlog.read(now - 60_000, now);

    assertThat(possibleFor(5)).isTrue();
    assertThat(look()).isFalse();
  }

  @Test
  void freshOutcomesDoNot() {
    possibleFor(4);
    backlog.read(now - 100, now);

    possibleFor(1);
    assertThat(look()).isFalse();
  }

  @Test
  void clocksThatAreWrongDoNotProlongItForEver() {
    for (int second = 0; second < 59; second++) {
      backlog.read(now - 300_000, now);
      assertThat(look()).isTrue();
    }
    backlog.read(now - 300_000, now);
    look();

    assertThat(look()).isFalse();
  }

  @Test
  void aProcessThatStoodStillBeginsAnew() {
    possibleFor(6);
    assertThat(look()).isFalse();

    now += 40_000;

    assertThat(possibleFor(5)).isTrue();
    assertThat(look()).isFalse();
  }

  private boolean possibleFor(int seconds) {
    var possible = true;
    for (int second = 0; second < seconds; second++) {
      possible &= look();
    }
    return possible;
  }

  /** A look, and then a second passes. */
  private boolean look() {
    var possible = backlog.possible(now);
    now += 1_000;
    return possible;
  }
}
