package io.penstock.worker.dialect.gemini;

import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import org.jspecify.annotations.Nullable;

/** Why Gemini stopped. */
final class Finishes {

  private Finishes() {}

  /**
   * The reason in common words; null when it is an error and no end. Words that are not known are
   * errors too: none that Google added since the first four was anything good.
   *
   * @param called whether the choice holds a tool call: Gemini says STOP after one
   */
  static @Nullable Finish finish(String word, boolean called) {
    return switch (word) {
      case "STOP" -> called ? Finish.TOOL_CALLS : Finish.STOP;
      case "MAX_TOKENS" -> Finish.LENGTH;
      case "SAFETY",
          "RECITATION",
          "LANGUAGE",
          "BLOCKLIST",
          "PROHIBITED_CONTENT",
          "SPII",
          "MODEL_ARMOR",
          "IMAGE_SAFETY",
          "IMAGE_PROHIBITED_CONTENT",
          "IMAGE_RECITATION" ->
          Finish.CONTENT_FILTER;
      default -> null;
    };
  }

  /** The failure that a reason stands for which is no end. */
  static Failure failure(String word) {
    return switch (word) {
      case "OTHER", "NO_IMAGE", "IMAGE_OTHER", "FINISH_REASON_UNSPECIFIED" ->
          failure(FailureKind.SERVER_ERROR, word, "the model stopped because the provider failed");
      // the model's own slip while sampling: the same request may well succeed
      default ->
          failure(FailureKind.UNUSABLE, word, "the model stopped with an answer that is none");
    };
  }

  /** The failure of a prompt that was not answered at all. */
  static Failure blocked(String word) {
    return failure(
        FailureKind.CONTENT_POLICY, word, "the provider's content policy refuses the prompt");
  }

  private static Failure failure(FailureKind kind, String word, String message) {
    return new Failure(kind, 200, word, message, null, null);
  }
}
