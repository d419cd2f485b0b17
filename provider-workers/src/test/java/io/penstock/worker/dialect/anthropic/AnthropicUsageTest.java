package io.penstock.worker.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnthropicUsageTest {

  /** A real usage object and what its owners' own extractor makes of it. */
  private record Golden(JsonNode usage, JsonNode extracted) {}

  @Test
  void everyRealUsageBodyHasTheTokensThatItsProviderCounts() {
    var golden = golden();

    assertThat(golden).hasSizeGreaterThan(130);
    for (var body : golden) {
      var usage = usage(body.usage().toString());
      var expected = body.extracted();

      assertThat(usage).as(body.usage().toString()).isNotNull();
      assertThat(input(usage)).isEqualTo(expected.path("input_tokens").asLong());
      assertThat(orZero(usage.getInputCacheRead()))
          .isEqualTo(expected.path("cache_read_tokens").asLong());
      assertThat(orZero(usage.getInputCacheWrite5m()) + orZero(usage.getInputCacheWrite1h()))
          .isEqualTo(expected.path("cache_write_tokens").asLong());
      assertThat(orZero(usage.getInputCacheWrite5m()))
          .isEqualTo(expected.path("cache_write_5m_tokens").asLong());
      assertThat(orZero(usage.getOutputText()) + orZero(usage.getOutputReasoning()))
          .isEqualTo(expected.path("output_tokens").asLong());
      assertThat(orZero(usage.getOutputReasoning()))
          .isEqualTo(expected.path("output_reasoning_tokens").asLong());
      assertThat(usage.getToolUnits().getOrDefault("web_search_requests", 0L))
          .isEqualTo(expected.path("web_searches").asLong());
    }
  }

  @Test
  void inputTokensDoNotHoldWhatTheCacheHolds() {
    var usage =
        usage(
            """
            {"input_tokens":3,"cache_read_input_tokens":9511,"cache_creation_input_tokens":1956,
             "cache_creation":{"ephemeral_5m_input_tokens":1900,"ephemeral_1h_input_tokens":56},
             "output_tokens":44,"output_tokens_details":{"thinking_tokens":30}}
            """);

    assertThat(usage.getInputUncached()).isEqualTo(3);
    assertThat(usage.getInputCacheRead()).isEqualTo(9511);
    assertThat(usage.getInputCacheWrite5m()).isEqualTo(1900);
    assertThat(usage.getInputCacheWrite1h()).isEqualTo(56);
    assertThat(usage.getOutputText()).isEqualTo(14);
    assertThat(usage.getOutputReasoning()).isEqualTo(30);
    assertThat(input(usage)).isEqualTo(3 + 9511 + 1956);
  }

  @Test
  void cacheWritesWithoutTheirLifetimeAreOfFiveMinutes() {
    var usage = usage("{\"input_tokens\":3,\"cache_creation_input_tokens\":7,\"output_tokens\":1}");

    assertThat(usage.getInputCacheWrite5m()).isEqualTo(7);
    assertThat(usage.getInputCacheWrite1h()).isNull();
  }

  @Test
  void absentAndZeroStayDifferent() {
    var usage = usage("{\"input_tokens\":3,\"cache_read_input_tokens\":0,\"output_tokens\":0}");

    assertThat(usage.getInputCacheRead()).isZero();
    assertThat(usage.getInputCacheWrite5m()).isNull();
    assertThat(usage.getOutputText()).isZero();
    assertThat(usage.getOutputReasoning()).isNull();
  }

  @Test
  void countsOfAStreamAreCumulativeSoTheLastWordCountsAndNothingIsAdded() {
    var events =
        Samples.read(
            """
            data: {"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":10,"cache_creation_input_tokens":6,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":2},"cache_read_input_tokens":5,"output_tokens":1}}}

            data: {"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":20}}

            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":10,"cache_creation_input_tokens":6,"cache_read_input_tokens":5,"output_tokens":32}}

            data: {"type":"message_stop"}

            """);

    var usage = last(events);
    assertThat(usage.getInputUncached()).isEqualTo(10);
    assertThat(usage.getInputCacheRead()).isEqualTo(5);
    assertThat(usage.getInputCacheWrite5m()).isEqualTo(4);
    assertThat(usage.getInputCacheWrite1h()).isEqualTo(2);
    assertThat(usage.getOutputText()).isEqualTo(32);
  }

  @Test
  void aCloneThatKnowsTheSplitOnlyInTheEndIsBelievedInTheEnd() {
    var events =
        Samples.read(
            """
            data: {"type":"message_start","message":{"id":"m","model":"kimi","usage":{"input_tokens":1000,"output_tokens":0}}}

            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":40,"cache_read_input_tokens":960,"output_tokens":9}}

            """);

    var usage = last(events);
    assertThat(usage.getInputUncached()).isEqualTo(40);
    assertThat(usage.getInputCacheRead()).isEqualTo(960);
    assertThat(usage.getOutputText()).isEqualTo(9);
  }

  @Test
  void usageIsToldToCallersWithoutTheCacheInItsInput() {
    var json =
        AnthropicUsage.json(
            usage(
                """
                {"input_tokens":3,"cache_read_input_tokens":9,"cache_creation_input_tokens":7,
                 "cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":3},
                 "output_tokens":44,"output_tokens_details":{"thinking_tokens":30}}
                """));

    assertThat(Samples.json(json.toString()))
        .isEqualTo(
            Samples.json(
                """
                {"input_tokens":3,"cache_creation_input_tokens":7,
                 "cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":3},
                 "cache_read_input_tokens":9,"output_tokens":44,
                 "output_tokens_details":{"thinking_tokens":30}}
                """));
  }

  private static List<Golden> golden() {
    var golden = new ArrayList<Golden>();
    for (var entry : Samples.tree(Samples.data("prices/usage-golden.json"))) {
      var usage = entry.path("body").path("usage");
      // OpenAI's responses have the same two names, but they also have a total
      if (usage.has("total_tokens") || !usage.has("input_tokens")) {
        continue;
      }
      for (var group : entry.path("extracted")) {
        for (var extractor : group.path("extractors")) {
          if (extractor.path("provider_id").asText().equals("anthropic")
              && extractor.path("api_flavor").asText().equals("default")) {
            golden.add(new Golden(usage, group.path("usage")));
          }
        }
      }
    }
    return golden;
  }

  private static TokenUsage usage(String json) {
    return Objects.requireNonNull(AnthropicUsage.of(Samples.json(json), Samples.bytes(json)), json);
  }

  private static TokenUsage last(List<StreamEvent> events) {
    return Samples.only(StreamEvent.Used.class, events).getLast().usage();
  }

  private static long input(TokenUsage usage) {
    return orZero(usage.getInputUncached())
        + orZero(usage.getInputCacheRead())
        + orZero(usage.getInputCacheWrite5m())
        + orZero(usage.getInputCacheWrite1h());
  }

  private static long orZero(@Nullable Long count) {
    return count == null ? 0 : count;
  }
}
