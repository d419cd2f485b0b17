package io.penstock.simulator.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GoDurationTest {
  @Test
  void timesAreWrittenAsGoPrintsThem() {
    assertThat(GoDuration.format(0)).isEqualTo("0s");
    assertThat(GoDuration.format(-7)).isEqualTo("0s");
    assertThat(GoDuration.format(1)).isEqualTo("1ms");
    assertThat(format("PT0.12S")).isEqualTo("120ms");
    assertThat(format("PT8.64S")).isEqualTo("8.64s");
    assertThat(format("PT20S")).isEqualTo("20s");
    assertThat(format("PT6M")).isEqualTo("6m0s");
    assertThat(format("PT1M0.005S")).isEqualTo("1m0.005s");
    assertThat(format("PT25H1M1.5S")).isEqualTo("25h1m1.5s");
  }

  private static String format(String iso) {
    return GoDuration.format(Duration.parse(iso).toNanos());
  }
}
