package io.penstock.worker.dialect.canonical;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.TokenUsage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer of a chat model.
 *
 * @param id the provider's
 * @param model as the provider names it
 * @param createdAt when the provider made it, or the present time where it does not say
 * @param choices at least one
 * @param usage in disjoint classes
 * @param serviceTier the provider's word for it; absent when it gave none
 */
public record Answer(
    String id,
    String model,
    Instant createdAt,
    List<Choice> choices,
    TokenUsage usage,
    @Nullable String serviceTier) {

  public Answer {
    choices = List.copyOf(choices);
  }

  /**
   * One of the answers.
   *
   * @param nativeFinish the provider's own word for {@code finish}; absent when it gave none
   * @param stopSequence the stop text that was met; absent when none
   * @param logprobs in OpenAI's shape; absent when there are none
   */
  public record Choice(
      List<Message.Output> outputs,
      Finish finish,
      @Nullable String nativeFinish,
      @Nullable String stopSequence,
      @Nullable JsonNode logprobs) {
    public Choice {
      outputs = List.copyOf(outputs);
    }
  }

  /** Why the model stopped. */
  public enum Finish {
    STOP("stop"),
    LENGTH("length"),
    TOOL_CALLS("tool_calls"),
    CONTENT_FILTER("content_filter");

    private final String openAi;

    Finish(String openAi) {
      this.openAi = openAi;
    }

    /** In OpenAI's words. */
    public String openAi() {
      return openAi;
    }
  }
}
