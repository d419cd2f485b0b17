package io.penstock.router.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class BackoffTest {

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
