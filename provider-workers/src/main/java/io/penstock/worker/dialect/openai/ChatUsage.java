package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.Trees;
import org.jspecify.annotations.Nullable;

/** Usage as callers of chat completions read it: the whole, with parts of it in the details. */
final class ChatUsage {

  private ChatUsage() {}

  static ObjectNode json(TokenUsage usage) {
    var prompt = TokenClass.input(usage);
    var completion = TokenClass.output(usage);
    var json =
        Trees.object()
            .put("prompt_tokens", prompt)
            .put("completion_tokens", completion)
            .put("total_tokens", prompt + completion);
    var promptDetails =
        json.putObject("prompt_tokens_details")
            .put("cached_tokens", sum(usage.getInputCacheRead()))
            .put("audio_tokens", sum(usage.getInputAudio()));
    var written = sum(usage.getInputCacheWrite5m(), usage.getInputCacheWrite1h());
    if (written > 0) {
      promptDetails.put("cache_write_tokens", written);
    }
    json.putObject("completion_tokens_details")
        .put("reasoning_tokens", sum(usage.getOutputReasoning()))
        .put("audio_tokens", sum(usage.getOutputAudio()))
        .put("accepted_prediction_tokens", 0)
        .put("rejected_prediction_tokens", 0);
    return json;
  }

  private static long sum(@Nullable Long... counts) {
    var sum = 0L;
    for (var count : counts) {
      sum += count == null ? 0 : count;
    }
    return sum;
  }
}
