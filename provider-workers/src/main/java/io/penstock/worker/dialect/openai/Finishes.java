package io.penstock.worker.dialect.openai;

import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Why models stop, in the words of the many servers. */
final class Finishes {

  /** Given by some servers to what is really a failure. */
  private static final Set<String> FAILED =
      Set.of("error", "insufficient_system_resource", "abort", "cancelled");

  private Finishes() {}

  /** Whether the word means that the provider failed. */
  static boolean failed(@Nullable String word) {
    return word != null
        && (FAILED.contains(word.toLowerCase(Locale.ROOT))
            || word.toLowerCase(Locale.ROOT).contains("malformed_function_call"));
  }

  /** The failure that a word means. */
  static Failure failure(String word) {
    return new Failure(
        FailureKind.SERVER_ERROR,
        200,
        word,
        "the model stopped because the provider failed",
        null,
        null);
  }

  /**
   * What a word means; what nobody knows means that the model is done.
   *
   * @param called whether the answer holds a tool call: many servers say {@code stop} then
   */
  static Finish of(@Nullable String word, boolean called) {
    return switch (word == null ? "" : word.toLowerCase(Locale.ROOT)) {
      case "length", "max_tokens", "model_length", "max_output_tokens" -> Finish.LENGTH;
      case "content_filter", "safety" -> Finish.CONTENT_FILTER;
      case "tool_calls", "function_call" -> Finish.TOOL_CALLS;
      default -> called ? Finish.TOOL_CALLS : Finish.STOP;
    };
  }
}
