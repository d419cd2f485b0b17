package io.penstock.simulator.http;

import io.penstock.simulator.dialect.Dialect;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.json.JsonBytes;

/** A right answer: its tokens are known at once, its bytes are made when they are wanted. */
sealed interface Reply {
  int inputTokens();

  int outputTokens();

  /** A chat completion. */
  record ChatReply(Answer answer) implements Reply {
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

  /** The answer as one JSON object. */
  default JsonBytes whole(Dialect dialect, Telling telling) {
    return switch (this) {
      case ChatReply(var answer) -> dialect.whole(answer, telling);
      case EmbeddingsReply(var request, var seed) -> dialect.embeddings(request, seed, telling);
    };
  }
}
