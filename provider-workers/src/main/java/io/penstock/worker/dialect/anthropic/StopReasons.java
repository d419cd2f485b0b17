package io.penstock.worker.dialect.anthropic;

import io.penstock.worker.dialect.canonical.Answer.Finish;
import org.jspecify.annotations.Nullable;

/** Anthropic's words for why a model stopped, and ours. */
final class StopReasons {

  private static final String PAUSE = "pause_turn";
  private static final String CONTEXT_FULL = "model_context_window_exceeded";

  private StopReasons() {}

  /**
   * What a stop reason means.
   *
   * @param called whether the answer calls a tool: then it has not simply ended, whatever it says
   */
  static Finish finish(@Nullable String nativeWord, boolean called) {
    return switch (nativeWord) {
      // after a pause there is more to come, so the answer is as incomplete as one that was cut
      case "max_tokens", CONTEXT_FULL, PAUSE -> Finish.LENGTH;
      case "refusal" -> Finish.CONTENT_FILTER;
      case null, default -> called ? Finish.TOOL_CALLS : Finish.STOP;
    };
  }

  /** A finish in Anthropic's words; the provider's own word where only that says it all. */
  static String word(Finish finish, @Nullable String nativeWord, @Nullable String stopSequence) {
    if (nativeWord != null && (nativeWord.equals(PAUSE) || nativeWord.equals(CONTEXT_FULL))) {
      return nativeWord;
    }
    return switch (finish) {
      case STOP -> stopSequence == null ? "end_turn" : "stop_sequence";
      case LENGTH -> "max_tokens";
      case TOOL_CALLS -> "tool_use";
      case CONTENT_FILTER -> "refusal";
    };
  }
}
