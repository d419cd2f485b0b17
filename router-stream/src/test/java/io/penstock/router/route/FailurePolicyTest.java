package io.penstock.router.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.route.FailurePolicy.Step;
import io.penstock.schemas.avro.FailureKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailurePolicyTest {

  private static final String TABLE =
      """
      UNKNOWN,          NEXT_TARGET, SAME_TARGET_LATER
      BAD_REQUEST,      GIVE_UP,     GIVE_UP
      AUTHENTICATION,   NEXT_TARGET, GIVE_UP
      NOT_FOUND,        NEXT_TARGET, GIVE_UP
      CONTEXT_TOO_LONG, GIVE_UP,     GIVE_UP
      CONTENT_POLICY,   GIVE_UP,     GIVE_UP
      PROVIDER_BUDGET,  NEXT_TARGET, GIVE_UP
      OVERLOADED,       NEXT_TARGET, SAME_TARGET_LATER
      SERVER_ERROR,     NEXT_TARGET, SAME_TARGET_LATER
      CONNECT,          NEXT_TARGET, SAME_TARGET_LATER
      TIMEOUT,          NEXT_TARGET, SAME_TARGET_LATER
      CUT,              NEXT_TARGET, SAME_TARGET_LATER
      UNUSABLE,         NEXT_TARGET, SAME_TARGET_LATER
      CANCELLED,        GIVE_UP,     GIVE_UP
      DEADLINE,         GIVE_UP,     GIVE_UP
      RATE_LIMITED,     SAME_TARGET_LATER, SAME_TARGET_LATER
      """;

  @ParameterizedTest(name = "{0}: {1} with another target, {2} without")
  @CsvSource(textBlock = TABLE)
  void eachKindLeadsToItsStep(FailureKind kind, Step withAnother, Step alone) {
    assertThat(FailurePolicy.step(kind, true, Duration.ofSeconds(1))).isEqualTo(withAnother);
    assertThat(FailurePolicy.step(kind, false, Duration.ofSeconds(1))).isEqualTo(alone);
  }

  @Test
  void theTableHasARowForEveryKind() {
    var rows = new HashSet<String>();
    TABLE.lines().map(line -> line.substring(0, line.indexOf(','))).forEach(rows::add);

    assertThat(rows)
        .isEqualTo(Set.copyOf(Arrays.stream(FailureKind.values()).map(Enum::name).toList()));
  }

  @Test
  void aLongRateLimitIsLeftForAnotherTargetIfThereIsOne() {
    assertThat(FailurePolicy.step(FailureKind.RATE_LIMITED, true, Duration.ofMillis(5001)))
        .isEqualTo(Step.NEXT_TARGET);
    assertThat(FailurePolicy.step(FailureKind.RATE_LIMITED, true, Duration.ofMillis(5000)))
        .isEqualTo(Step.SAME_TARGET_LATER);
    assertThat(FailurePolicy.step(FailureKind.RATE_LIMITED, false, Duration.ofHours(1)))
        .isEqualTo(Step.SAME_TARGET_LATER);
  }

  @Test
  void rateLimitsAndRefusedConnectionsAreNoAttempts() {
    assertThat(FailurePolicy.counts(FailureKind.RATE_LIMITED, false)).isFalse();
    assertThat(FailurePolicy.counts(FailureKind.CONNECT, true)).isFalse();
    assertThat(FailurePolicy.counts(FailureKind.CONNECT, false)).isTrue();
    assertThat(FailurePolicy.counts(FailureKind.SERVER_ERROR, true)).isTrue();
  }

  @Test
  void theBackoffOfOneCallIsAlwaysTheSameAndKeepsToItsBounds() {
    for (int i = 0; i < 1000; i++) {
      var first = Backoff.after("request-" + i, 1);
      assertThat(first).isBetween(Duration.ofMillis(1), Duration.ofMillis(500));
      assertThat(first).isEqualTo(Backoff.after("request-" + i, 1));
      assertThat(Backoff.after("request-" + i, 60))
          .isBetween(Duration.ofMillis(1), Duration.ofSeconds(8));
    }
  }

  @Test
  void theBackoffsOfManyRequestsSpread() {
    var distinct = new HashSet<Duration>();
    for (int i = 0; i < 1000; i++) {
      distinct.add(Backoff.after("request-" + i, 5));
    }

    assertThat(distinct).hasSizeGreaterThan(900);
  }
}
