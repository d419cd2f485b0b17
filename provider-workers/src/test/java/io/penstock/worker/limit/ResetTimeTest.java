package io.penstock.worker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResetTimeTest {

  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "8.64s,8640",
    "120ms,120",
    "1ms,1",
    "6m0s,360000",
    "1h2m3.5s,3723500",
    "45.209s,45209",
    "0s,0",
    "12,12000",
    "0.5,500",
    "2026-11-21T10:00:30Z,30000",
    "2026-11-21T09:00:00Z,0",
    "1795255260,60000",
    "1795255260500,60500"
  })
  void everyFormOfAResetIsRead(String text, long millis) {
    assertThat(ResetTime.parse(text, NOW)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "s", "1x", "5 m", "-3", "NaN", "1m3"})
  void whatIsNoTimeIsNotGuessed(String text) {
    assertThat(ResetTime.parse(text, NOW)).isNull();
  }

  @Test
  void recordedHeadersAreRead() {
    var headers =
        Map.of(
            "x-ratelimit-limit-requests", "10000",
            "x-ratelimit-limit-tokens", "200000",
            "x-ratelimit-remaining-requests", "9999",
            "x-ratelimit-remaining-tokens", "199983",
            "x-ratelimit-reset-requests", "8.64s",
            "x-ratelimit-reset-tokens", "4ms");

    var read = RateHeaders.parse(headers::get, NOW);

    var requests = new RateHeaders.Window(10_000L, 9_999L, Duration.ofMillis(8640));
    var tokens = new RateHeaders.Window(200_000L, 199_983L, Duration.ofMillis(4));
    assertThat(read).isEqualTo(new RateHeaders(requests, tokens));
    assertThat(requests.perMinute()).as("10000 are per day").isNull();
    assertThat(tokens.perMinute()).isEqualTo(200_000L);
  }

  @Test
  void withoutHeadersNothingIsSaid() {
    assertThat(RateHeaders.parse(Map.<String, String>of()::get, NOW)).isSameAs(RateHeaders.NONE);
  }
}
