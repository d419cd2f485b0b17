package io.penstock.worker.dialect.openai;

import static io.penstock.worker.dialect.TokenCounts.count;
import static io.penstock.worker.dialect.TokenCounts.impossible;
import static io.penstock.worker.dialect.TokenCounts.orZero;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.Remainder;
import java.nio.ByteBuffer;
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
    var counts = TokenUsage.newBuilder().setSource(UsageSource.PROVIDER);
    readPrompt(usage, prompt, counts);
    readCompletion(usage, prompt, counts);
    return counts.setRaw(ByteBuffer.wrap(raw)).build();
  }

  private static void readPrompt(JsonNode usage, long prompt, TokenUsage.Builder counts) {
    var details = usage.path("prompt_tokens_details");
    var rest = new Remainder(prompt);
    counts
        .setInputCacheRead(rest.take(cachedTokens(usage, details)))
        .setInputCacheWrite5m(rest.take(count(details.path("cache_write_tokens"))))
        .setInputAudio(rest.take(count(details.path("audio_tokens"))))
        .setInputImage(rest.take(count(details.path("image_tokens"))))
        .setInputUncached(rest.left());
  }

  private static void readCompletion(JsonNode usage, long prompt, TokenUsage.Builder counts) {
    var total = count(usage.path("total_tokens"));
    var completion = count(usage.path("completion_tokens"));
    if (completion == null) {
      counts.setOutputText(total != null && total > prompt ? (Long) (total - prompt) : null);
      return;
    }
    var details = usage.path("completion_tokens_details");
    var rest = new Remainder(completion);
    var reasoning = rest.take(count(details.path("reasoning_tokens")));
    // servers that lose the thinking tokens still count them in the total
    var lost = total == null ? 0 : Math.max(0, total - prompt - completion);
    counts
        .setOutputReasoning(lost == 0 ? reasoning : (Long) (orZero(reasoning) + lost))
        .setOutputAudio(rest.take(count(details.path("audio_tokens"))))
        .setOutputImage(rest.take(count(details.path("image_tokens"))))
        .setOutputText(rest.left());
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
