package io.penstock.router.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.ErrorCode;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RefusalTest {

  @Test
  void aLimitSaysItsLevelAndWhatItCounts() {
    var refusal =
        new Refusal(
            ErrorCode.RATE_LIMIT_EXCEEDED,
            "",
            Map.of("scope", "team", "limited", "tokens a minute", "limit", "interns"));

    assertThat(refusal.scope()).isEqualTo("team");
    assertThat(refusal.counted()).isEqualTo("tokens a minute");
  }

  @Test
  void aBudgetSaysItsLevelAndItsUnit() {
    var refusal = new Refusal(ErrorCode.BUDGET_EXCEEDED, "", Map.of("scope", "tag", "unit", "usd"));

    assertThat(refusal.scope()).isEqualTo("tag");
    assertThat(refusal.counted()).isEqualTo("usd");
  }

  @Test
  void whatNeitherRefusedHasNoLevel() {
    var refusal = Refusal.of(ErrorCode.NO_TARGET, "");

    assertThat(refusal.scope()).isEmpty();
    assertThat(refusal.counted()).isEmpty();
  }
}
