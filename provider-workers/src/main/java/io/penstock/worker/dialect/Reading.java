package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.TokenUsage;
import org.jspecify.annotations.Nullable;

/** What an answer turned out to be. */
public sealed interface Reading {

  /**
   * An answer that the caller can use.
   *
   * @param usage its tokens
   * @param finishReason why the model stopped, in OpenAI's words; absent where that has no meaning
   * @param answer in the caller's dialect; empty for a stream, which has been told already
   */
  record Usable(TokenUsage usage, @Nullable String finishReason, byte[] answer)
      implements Reading {}

  /**
   * An answer that nobody can use.
   *
   * @param failure what is wrong with it
   * @param usage what the provider may bill all the same; absent when it certainly does not
   */
  record Failed(Failure failure, @Nullable TokenUsage usage) implements Reading {}
}
