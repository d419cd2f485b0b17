package io.penstock.worker.dialect.anthropic;

import io.penstock.schemas.avro.Surface;
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
   * @param surface of the caller: only one of Messages knows how to go on after a pause; to others
   *     the answer is cut short
   */
  static Finish finish(@Nullable String nativeWord, boolean called, Surface surface) {
    return switch (nativeWord) {
      case "max_tokens", CONTEXT_FULL -> Finish.LENGTH;
      case "refusal" -> Finish.CONTENT_FILTER;
      case PAUSE -> surface == Surface.ANTHROPIC_MESSAGES ? Finish.STOP : Finish.LENGTH;
      case null, default -> called ? Finish.TOOL_CALLS : Finish.STOP;
    };
  }

  /** A finish in Anthropic's words; the provider's own word where only that says it all. */
  static String word(Finish finish, @Nullable String nativeWord, @Nullable String stopSequence) {
    if (PAUSE.equals(nativeWord) || CONTEXT_FULL.equals(nativeWord)) {
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
