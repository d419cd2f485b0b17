package io.penstock.worker.dialect.responses;

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
 * Counts of OpenAI's responses, which are inclusive: input holds what was cached, output holds
 * reasoning. Absent, zero and n stay three things.
 */
final class ResponsesUsage {

  private ResponsesUsage() {}

  /**
   * The classes of a usage object; null when it does not count the input, or what cannot be.
   *
   * @param raw the object as it was sent; absent when it cannot be told
   */
  static @Nullable TokenUsage of(JsonNode usage, byte @Nullable [] raw) {
    if (impossible(usage)) {
      return null;
    }
    var input = count(usage.path("input_tokens"));
    if (input == null) {
      return null;
    }
    var details = usage.path("input_tokens_details");
    var rest = new Remainder(input);
    var cacheRead = rest.take(count(details.path("cached_tokens")));
    var cacheWrite = rest.take(count(details.path("cache_write_tokens")));
    var audio = rest.take(count(details.path("audio_tokens")));
    var image = rest.take(count(details.path("image_tokens")));
    var output = count(usage.path("output_tokens"));
    var reasoning = count(usage.path("output_tokens_details").path("reasoning_tokens"));
    Long text = null;
    if (output != null) {
      var spoken = new Remainder(output);
      reasoning = spoken.take(reasoning);
      text = spoken.left();
      var total = count(usage.path("total_tokens"));
      // servers that lose the thinking tokens still count them in the total
      if (total != null && total > input + output) {
        reasoning = orZero(reasoning) + total - input - output;
      }
    }
    return TokenUsage.newBuilder()
        .setSource(UsageSource.PROVIDER)
        .setInputUncached(rest.left())
        .setInputCacheRead(cacheRead)
        .setInputCacheWrite5m(cacheWrite)
        .setInputAudio(audio)
        .setInputImage(image)
        .setOutputText(text)
        .setOutputReasoning(reasoning)
        .setRaw(raw == null ? null : ByteBuffer.wrap(raw))
        .build();
  }
}
