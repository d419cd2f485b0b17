package io.penstock.ingress.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.RateLimitStatus;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RateLimitHeadersTest {

  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00.250Z");

  /** Client libraries read these: a changed line is a changed contract. */
  @Test
  void everySurfaceSpeaksAsItsOwnClientsExpect() throws IOException {
    var all = new RateLimitStatus(60L, 59L, 1_000L, 40_000L, 31_234L, 13_149L);
    var lines = new ArrayList<String>();
    for (var surface : Surface.values()) {
      lines.add("# " + surface);
      RateLimitHeaders.of(surface, all, NOW)
          .forEach((name, value) -> lines.add(name + ": " + value));
    }

    assertThat(String.join("\n", lines) + "\n").isEqualTo(golden());
  }

  @Test
  void whatIsNotLimitedIsNotMentioned() {
    assertThat(RateLimitHeaders.of(Surface.OPENAI_CHAT, null, NOW)).isEmpty();
    assertThat(RateLimitHeaders.of(Surface.ANTHROPIC_MESSAGES, null, NOW)).isEmpty();
    assertThat(
            RateLimitHeaders.of(
                Surface.OPENAI_CHAT, new RateLimitStatus(null, 0L, 0L, 5L, 0L, 60_000L), NOW))
        .hasSize(3)
        .containsEntry("x-ratelimit-limit-tokens", "5")
        .containsEntry("x-ratelimit-remaining-tokens", "0")
        .containsEntry("x-ratelimit-reset-tokens", "1m0s");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "1, 1ms",
    "120, 120ms",
    "999, 999ms",
    "1000, 1s",
    "8640, 8.64s",
    "59999, 59.999s",
    "60000, 1m0s",
    "360000, 6m0s",
    "61050, 1m1.05s",
    "3723000, 1h2m3s",
    "3600000, 1h0m0s"
  })
  void durationsAreWrittenAsOpenAiWritesThem(long millis, String written) {
    assertThat(RateLimitHeaders.duration(Duration.ofMillis(millis))).isEqualTo(written);
  }

  private static String golden() throws IOException {
    try (var stream =
        RateLimitHeadersTest.class.getResourceAsStream("/golden/rate-limit-headers.txt")) {
      return stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
