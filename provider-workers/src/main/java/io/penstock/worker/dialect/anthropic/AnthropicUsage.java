package io.penstock.worker.dialect.anthropic;

import static io.penstock.worker.dialect.TokenCounts.count;
import static io.penstock.worker.dialect.TokenCounts.impossible;
import static io.penstock.worker.dialect.TokenCounts.orZero;
import static io.penstock.worker.dialect.TokenCounts.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.Trees;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic's counts, which are exclusive on the way in (what was read from or written to a cache
 * is not in {@code input_tokens}) and inclusive on the way out ({@code output_tokens} holds
 * thinking). Absent, zero and n stay three things.
 */
final class AnthropicUsage {

  private AnthropicUsage() {}

  /**
   * The classes of a usage object; null when it counts nothing, or what cannot be.
   *
   * @param raw the object as it was sent
   */
  static @Nullable TokenUsage of(JsonNode usage, byte[] raw) {
    if (impossible(usage)) {
      return null;
    }
    var input = count(usage.path("input_tokens"));
    var output = count(usage.path("output_tokens"));
    if (input == null && output == null) {
      return null;
    }
    var written = count(usage.path("cache_creation_input_tokens"));
    var creation = usage.path("cache_creation");
    var hour = count(creation.path("ephemeral_1h_input_tokens"));
    var minutes = count(creation.path("ephemeral_5m_input_tokens"));
    if (written != null) {
      // later events of a stream repeat the sum without its parts: the sum rules
      hour = within(hour, written);
      minutes = written - orZero(hour);
    }
    var thinking = count(usage.path("output_tokens_details").path("thinking_tokens"));
    if (output != null) {
      thinking = within(thinking, output);
    }
    return new TokenUsage(
        UsageSource.PROVIDER,
        input,
        count(usage.path("cache_read_input_tokens")),
        minutes,
        hour,
        null,
        null,
        output == null ? null : (Long) (output - orZero(thinking)),
        thinking,
        null,
        null,
        toolUnits(usage.path("server_tool_use")),
        Trees.textOrNull(usage.path("service_tier")),
        ByteBuffer.wrap(raw));
  }

  /** What is known after a later event of a stream: each field's last word, never a sum. */
  static ObjectNode later(ObjectNode before, JsonNode event) {
    var merged = before.deepCopy();
    event
        .properties()
        .forEach(
            field -> {
              if (!field.getValue().isNull()) {
                merged.set(field.getKey(), field.getValue());
              }
            });
    return merged;
  }

  /** As an object of the Messages answer. */
  static ObjectNode json(TokenUsage usage) {
    var json = Trees.object();
    json.put(
        "input_tokens",
        orZero(usage.getInputUncached())
            + orZero(usage.getInputAudio())
            + orZero(usage.getInputImage()));
    var minutes = usage.getInputCacheWrite5m();
    var hour = usage.getInputCacheWrite1h();
    if (minutes != null || hour != null) {
      json.put("cache_creation_input_tokens", orZero(minutes) + orZero(hour));
      json.set(
          "cache_creation",
          Trees.object()
              .put("ephemeral_5m_input_tokens", orZero(minutes))
              .put("ephemeral_1h_input_tokens", orZero(hour)));
    }
    if (usage.getInputCacheRead() != null) {
      json.put("cache_read_input_tokens", usage.getInputCacheRead());
    }
    json.put("output_tokens", TokenClass.output(usage));
    if (usage.getOutputReasoning() != null) {
      json.set(
          "output_tokens_details",
          Trees.object().put("thinking_tokens", usage.getOutputReasoning()));
    }
    return json;
  }

  private static Map<String, Long> toolUnits(JsonNode tools) {
    var units = new TreeMap<String, Long>();
    tools
        .properties()
        .forEach(
            tool -> {
              var count = count(tool.getValue());
              if (count != null && count > 0) {
                units.put(tool.getKey(), count);
              }
            });
    return units;
  }
}
