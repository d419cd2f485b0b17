package io.penstock.worker.dialect.gemini;

import static io.penstock.worker.dialect.TokenCounts.count;
import static io.penstock.worker.dialect.TokenCounts.impossible;
import static io.penstock.worker.dialect.TokenCounts.orZero;
import static io.penstock.worker.dialect.TokenCounts.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.Remainder;
import io.penstock.worker.dialect.Trees;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gemini's counts. The prompt includes what was cached; what tools put into the prompt is counted
 * beside it; thoughts are counted beside the answer. The total decides what was output, because
 * reports differ on whether thoughts are within the answer's count.
 */
final class GeminiUsage {

  private GeminiUsage() {}

  /**
   * The classes of a {@code usageMetadata}; null when it counts no prompt, or what cannot be.
   *
   * @param raw the object as it was sent; absent when it cannot be told
   */
  static @Nullable TokenUsage of(JsonNode usage, byte @Nullable [] raw) {
    if (impossible(usage)) {
      return null;
    }
    var prompt = count(usage.path("promptTokenCount"));
    if (prompt == null) {
      return null;
    }
    var rest = new Remainder(prompt);
    var cached = rest.take(count(usage.path("cachedContentTokenCount")));
    var audio = rest.take(uncached(usage, "AUDIO"));
    var image = rest.take(uncached(usage, "IMAGE"));
    var tools = orZero(count(usage.path("toolUsePromptTokenCount")));

    var said = count(usage.path("candidatesTokenCount"));
    var thoughts = count(usage.path("thoughtsTokenCount"));
    var total = count(usage.path("totalTokenCount"));
    var input = prompt + tools;
    var output = total == null || total < input ? orZero(said) + orZero(thoughts) : total - input;
    var reasoning = within(thoughts, output);
    var text = output - orZero(reasoning);
    if (said != null && text > said) {
      reasoning = orZero(reasoning) + text - said;
      text = said;
    }
    var spoken = new Remainder(text);
    var outputAudio = spoken.take(of(usage.path("candidatesTokensDetails"), "AUDIO"));
    var outputImage = spoken.take(of(usage.path("candidatesTokensDetails"), "IMAGE"));
    return TokenUsage.newBuilder()
        .setSource(UsageSource.PROVIDER)
        .setInputUncached(rest.left() + tools)
        .setInputCacheRead(cached)
        .setInputAudio(audio)
        .setInputImage(image)
        .setOutputText(said == null && spoken.left() == 0 ? null : (Long) spoken.left())
        .setOutputReasoning(reasoning)
        .setOutputAudio(outputAudio)
        .setOutputImage(outputImage)
        .setServiceTier(Trees.textOrNull(usage.path("serviceTier")))
        .setRaw(raw == null ? null : ByteBuffer.wrap(raw))
        .build();
  }

  /** Prompt tokens of a kind that were not read from a cache; null when it is not mentioned. */
  private static @Nullable Long uncached(JsonNode usage, String modality) {
    var all = of(usage.path("promptTokensDetails"), modality);
    return all == null
        ? null
        : (Long) Math.max(0, all - orZero(of(usage.path("cacheTokensDetails"), modality)));
  }

  private static @Nullable Long of(JsonNode details, String modality) {
    for (var detail : details) {
      if (detail.path("modality").asText().equals(modality)) {
        return count(detail.path("tokenCount"));
      }
    }
    return null;
  }
}
