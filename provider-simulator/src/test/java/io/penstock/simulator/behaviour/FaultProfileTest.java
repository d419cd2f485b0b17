package io.penstock.simulator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FaultProfileTest {
  private static final int DRAWS = 200_000;

  @Test
  void namedProfilesAndSharesAreRead() {
    assertThat(FaultProfile.parse("none")).isEqualTo(FaultProfile.none());
    assertThat(FaultProfile.parse("Mild")).isEqualTo(FaultProfile.mild());
    assertThat(FaultProfile.parse("harsh")).isEqualTo(FaultProfile.harsh());
    assertThat(FaultProfile.parse("http500=5%, 429=0.5%, retry-after=200ms..3s"))
        .isEqualTo(
            new FaultProfile(
                Map.of(Fault.HTTP_500, 50_000, Fault.RATE_429, 5_000),
                Duration.ofMillis(200),
                Duration.ofSeconds(3)));
  }

  @Test
  void whatIsNoProfileIsRefusedWithTheReason() {
    assertThatThrownBy(() -> FaultProfile.parse("medium"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "faults 'medium': expected none, mild, harsh, or shares such as"
                + " http500=5%,reset=1%,retry-after=1s..2s");
    assertThatThrownBy(() -> FaultProfile.parse("http599=1%"))
        .hasMessageStartingWith("faults 'http599=1%': unknown fault 'http599'; known are none,");
    assertThatThrownBy(() -> FaultProfile.parse("reset=much"))
        .hasMessage(
            "faults 'reset=much': 'much' is not a percentage; write for example 5% or 0.5%");
    assertThatThrownBy(() -> FaultProfile.parse("reset=60%,stall=60%"))
        .hasMessage("faults 'reset=60%,stall=60%': the shares of all faults exceed 100 %");
    assertThatThrownBy(() -> FaultProfile.parse("reset=1%,reset=2%"))
        .hasMessage("faults 'reset=1%,reset=2%': reset is given twice");
    assertThatThrownBy(() -> FaultProfile.parse("reset=-1%"))
        .hasMessageContaining("the share of reset must not be given or negative");
    assertThatThrownBy(() -> FaultProfile.parse("reset=1%,retry-after=3s..1s"))
        .hasMessageContaining("retry-after must be a range");
  }

  @Test
  void faultsStrikeAsOftenAsTheirShares() {
    var counts = new EnumMap<Fault, Integer>(Fault.class);

    for (int n = 0; n < DRAWS; n++) {
      counts.merge(FaultProfile.harsh().draw(n), 1, Integer::sum);
    }

    assertThat(counts).hasSize(8);
    FaultProfile.harsh()
        .partsPerMillion()
        .forEach(
            (fault, share) ->
                assertThat(counts.getOrDefault(fault, 0) / (double) DRAWS)
                    .as(fault.wireName())
                    .isCloseTo(share / 1e6, within(0.003)));
    assertThat(counts.getOrDefault(Fault.NONE, 0) / (double) DRAWS).isCloseTo(0.75, within(0.005));
  }

  @Test
  void theSameDrawStrikesTheSame() {
    for (int n = 0; n < 1_000; n++) {
      assertThat(FaultProfile.harsh().draw(n)).isEqualTo(FaultProfile.parse("harsh").draw(n));
    }
  }

  @Test
  void aPlanned429AsksToWaitWithinItsRange() {
    for (int n = 0; n < 1_000; n++) {
      assertThat(FaultProfile.mild().retryAfter(n))
          .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }
  }
}
