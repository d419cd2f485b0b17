package io.penstock.simulator.http;

import io.penstock.simulator.openai.ChatAnswer;
import io.penstock.simulator.openai.ChatWriter;
import io.penstock.simulator.openai.ChunkWriter;
import io.penstock.simulator.openai.EmbeddingsWriter;
import io.penstock.simulator.openai.InferenceRequest.Chat;
import io.penstock.simulator.openai.InferenceRequest.Delivery;
import io.penstock.simulator.openai.InferenceRequest.Embeddings;
import io.penstock.simulator.openai.JsonBytes;

/** A right answer: its tokens are known at once, its bytes are made when they are wanted. */
sealed interface Reply {
  int inputTokens();

  int outputTokens();

  /** A chat completion. */
  record ChatReply(ChatAnswer answer) implements Reply {
    @Override
    public int inputTokens() {
      return answer.request().promptTokens();
    }

    @Override
    public int outputTokens() {
      return answer.outputTokens();
    }

    boolean streams() {
      return answer.request().delivery() != Delivery.WHOLE;
    }

    ChunkWriter chunks(String id, long createdSeconds) {
      return new ChunkWriter(answer, id, createdSeconds);
    }
  }

  /** Embeddings. */
  record EmbeddingsReply(Embeddings request, long seed) implements Reply {
    @Override
    public int inputTokens() {
      return request.promptTokens();
    }

    @Override
    public int outputTokens() {
      return 0;
    }
  }

  static Reply of(Chat chat, long seed, int outputTokensMedian) {
    return new ChatReply(ChatAnswer.of(chat, seed, outputTokensMedian));
  }

  /** The same without content. */
  default Reply emptied() {
    return switch (this) {
      case ChatReply(var answer) -> new ChatReply(answer.emptied());
      case EmbeddingsReply reply -> reply;
    };
  }

  /** The answer as one JSON object. */
  default JsonBytes whole(String id, long createdSeconds) {
    return switch (this) {
      case ChatReply(var answer) -> ChatWriter.write(answer, id, createdSeconds);
      case EmbeddingsReply(var request, var seed) -> EmbeddingsWriter.write(request, seed);
    };
  }
}
