package io.penstock.worker.dialect.openai;

import static io.penstock.worker.dialect.TokenCounts.count;
import static io.penstock.worker.dialect.TokenCounts.impossible;
import static io.penstock.worker.dialect.TokenCounts.orZero;
import static io.penstock.worker.dialect.TokenCounts.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns OpenAI's inclusive counts (the prompt includes what was cached, the completion includes
 * reasoning) into disjoint classes whose sum is the total. Absent, zero and n stay three things.
 */
final class OpenAiUsage {

  private OpenAiUsage() {}

  /**
   * The classes of a usage object; null when it does not count the prompt, or what cannot be.
   *
   * @param raw the object as it was sent
   */
  static @Nullable TokenUsage of(JsonNode usage, byte[] raw) {
    if (impossible(usage)) {
      return null;
    }
    var prompt = count(usage.path("prompt_tokens"));
    if (prompt == null) {
      return null;
    }
    var promptDetails = usage.path("prompt_tokens_details");
    var completionDetails = usage.path("completion_tokens_details");
    var total = count(usage.path("total_tokens"));
    var completion = count(usage.path("completion_tokens"));

    var left = prompt;
    var cacheRead = cachedTokens(usage, promptDetails);
    var cacheReadCounted = within(cacheRead, left);
    left -= orZero(cacheReadCounted);
    var cacheWrite = within(count(promptDetails.path("cache_write_tokens")), left);
    left -= orZero(cacheWrite);
    var inputAudio = within(count(promptDetails.path("audio_tokens")), left);
    left -= orZero(inputAudio);
    var inputImage = within(count(promptDetails.path("image_tokens")), left);
    left -= orZero(inputImage);

    Long text = null;
    Long reasoning = null;
    Long outputAudio = null;
    Long outputImage = null;
    if (completion != null) {
      var out = completion;
      reasoning = within(count(completionDetails.path("reasoning_tokens")), out);
      out -= orZero(reasoning);
      outputAudio = within(count(completionDetails.path("audio_tokens")), out);
      out -= orZero(outputAudio);
      outputImage = within(count(completionDetails.path("image_tokens")), out);
      text = out - orZero(outputImage);
      // servers that lose the thinking tokens still count them in the total
      if (total != null && total > prompt + completion) {
        reasoning = orZero(reasoning) + total - prompt - completion;
      }
    } else if (total != null && total > prompt) {
      text = total - prompt;
    }
    return new TokenUsage(
        UsageSource.PROVIDER,
        left,
        cacheReadCounted,
        cacheWrite,
        null,
        inputAudio,
        inputImage,
        text,
        reasoning,
        outputAudio,
        outputImage,
        Map.of(),
        null,
        ByteBuffer.wrap(raw));
  }

  /** Four names for the same count, by provider. */
  private static @Nullable Long cachedTokens(JsonNode usage, JsonNode details) {
    var cached = count(details.path("cached_tokens"));
    if (cached == null) {
      cached = count(usage.path("prompt_cache_hit_tokens"));
    }
    if (cached == null) {
      cached = count(usage.path("cached_tokens"));
    }
    return cached == null ? count(usage.path("num_cached_tokens")) : cached;
  }
}
