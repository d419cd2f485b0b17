package io.penstock.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimulatorConfigTest {
  @Test
  void keysAreNeverPrinted() {
    var config = SimulatorConfig.standard().withRequiredKey(new ApiKey("sk-secret"));

    assertThat(config.toString()).doesNotContain("sk-secret").contains("***");
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    var standard = SimulatorConfig.standard();

    assertThatThrownBy(() -> standard.behaving(old -> old.withOutputTokensMedian(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the median of output tokens is 0; it must be from 1 to 4096");
    assertThatThrownBy(() -> standard.withAdminPort(70_000))
        .hasMessage("the admin port is 70000; it must be from 0 to 65535");
    assertThatThrownBy(() -> standard.withStall(Duration.ofSeconds(-1)))
        .hasMessage("stall must not be negative");
    assertThatThrownBy(() -> new ApiKey(" ")).hasMessage("the required API key is blank");
  }
}
