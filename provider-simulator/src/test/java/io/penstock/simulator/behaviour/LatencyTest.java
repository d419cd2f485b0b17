package io.penstock.simulator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.simulator.behaviour.Latency.Fixed;
import io.penstock.simulator.behaviour.Latency.LogNormal;
import io.penstock.simulator.behaviour.Latency.Uniform;
import io.penstock.simulator.behaviour.Latency.Zero;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatencyTest {
  @Test
  void everyFormIsRead() {
    assertThat(Latency.parse("zero")).isEqualTo(new Zero());
    assertThat(Latency.parse("fixed:50ms")).isEqualTo(new Fixed(Duration.ofMillis(50)));
    assertThat(Latency.parse("lognormal:median=300ms,sigma=0.5"))
        .isEqualTo(new LogNormal(Duration.ofMillis(300), 0.5));
    assertThat(Latency.parse("LogNormal:300ms, 0.5"))
        .isEqualTo(new LogNormal(Duration.ofMillis(300), 0.5));
    assertThat(Latency.parse("uniform:5s,30s"))
        .isEqualTo(new Uniform(Duration.ofSeconds(5), Duration.ofSeconds(30)));
  }

  @Test
  void whatIsNoLatencyIsRefusedWithWhatWasExpected() {
    assertThatThrownBy(() -> Latency.parse("normal:1s"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "latency 'normal:1s': expected zero, fixed:50ms, lognormal:median=300ms,sigma=0.5 or"
                + " uniform:5s,30s");
    assertThatThrownBy(() -> Latency.parse("fixed:50"))
        .hasMessage(
            "latency 'fixed:50': '50' is not a duration; write for example 50ms, 1.5s, 2m or 1h");
    assertThatThrownBy(() -> Latency.parse("lognormal:300ms,much"))
        .hasMessage("latency 'lognormal:300ms,much': sigma must be a number");
    assertThatThrownBy(() -> Latency.parse("lognormal:300ms,9"))
        .hasMessage("latency 'lognormal:300ms,9': sigma is 9.0; it must be from 0 to 4");
    assertThatThrownBy(() -> Latency.parse("uniform:30s,5s"))
        .hasMessage("latency 'uniform:30s,5s': the shorter time comes first");
    assertThatThrownBy(() -> Latency.parse("fixed:2h"))
        .hasMessage("latency 'fixed:2h': a latency must be between 0 and 1 h");
  }

  @Test
  void theSameDrawTakesTheSameTime() {
    var latency = Latency.parse("lognormal:300ms,0.5");

    assertThat(latency.nanos(42)).isEqualTo(latency.nanos(42)).isNotEqualTo(latency.nanos(43));
  }

  @Test
  void halfOfLogNormalTimesAreBelowTheMedian() {
    var latency = Latency.parse("lognormal:300ms,0.5");

    long below =
        LongStream.range(0, 10_000)
            .filter(n -> latency.nanos(Hash.mix(n)) < Duration.ofMillis(300).toNanos())
            .count();

    assertThat(below).isBetween(4_800L, 5_200L);
  }

  @Test
  void uniformTimesStayBetweenTheirEnds() {
    var latency = Latency.parse("uniform:5s,30s");

    assertThat(LongStream.range(0, 10_000).map(n -> latency.nanos(Hash.mix(n))).boxed())
        .allMatch(nanos -> nanos >= 5_000_000_000L && nanos <= 30_000_000_000L)
        .anyMatch(nanos -> nanos < 6_000_000_000L)
        .anyMatch(nanos -> nanos > 29_000_000_000L);
  }

  @Test
  void fractionsAndAllUnitsAreDurations() {
    assertThat(DurationText.parse("1.5s")).isEqualTo(Duration.ofMillis(1_500));
    assertThat(DurationText.parse("0.25ms")).isEqualTo(Duration.ofNanos(250_000));
    assertThat(DurationText.parse("2m")).isEqualTo(Duration.ofMinutes(2));
    assertThat(DurationText.parse("1h")).isEqualTo(Duration.ofHours(1));
  }
}
