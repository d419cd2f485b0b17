package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AgainTest {

  private static final Duration JUST_NOW = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void theProvidersShortWordIsTaken() {
    assertThat(after(0, Duration.ofMillis(80), Duration.ofMillis(80)))
        .isEqualTo(Duration.ofMillis(80));
  }

  @Test
  void withAnotherCredentialFreeNobodyIsAskedTwiceWithinOneAndAHalfSeconds() {
    assertThat(after(0, Duration.ofSeconds(20), Duration.ZERO))
        .isEqualTo(Again.APART.minus(JUST_NOW));
  }

  @Test
  void withoutAWordNobodyIsAskedTwiceWithinOneAndAHalfSecondsEither() {
    assertThat(after(0, null, Duration.ofMillis(500))).isEqualTo(Again.APART.minus(JUST_NOW));
  }

  @Test
  void aLongCallThatWasRefusedInTheEndGoesAtOnce() {
    assertThat(Again.after(0, null, Duration.ofSeconds(9), Duration.ZERO, PATIENCE))
        .isEqualTo(Duration.ZERO);
  }

  @Test
  void whileAllCredentialsArePausedItWaitsForTheFirst() {
    assertThat(after(0, Duration.ofMillis(80), Duration.ofSeconds(4)))
        .isEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void aPauseLongerThanTheLanesPatienceIsForTheRouter() {
    assertThat(after(0, Duration.ofSeconds(31), Duration.ofSeconds(31))).isNull();
  }

  @Test
  void afterThreeTimesTheRouterDecides() {
    assertThat(after(2, Duration.ZERO, Duration.ZERO)).isNotNull();
    assertThat(after(3, Duration.ZERO, Duration.ZERO)).isNull();
  }

  private static @Nullable Duration after(
      int refusals, @Nullable Duration word, Duration pauseLeft) {
    return Again.after(refusals, word, JUST_NOW, pauseLeft, PATIENCE);
  }
}
