package io.penstock.simulator.inference;

import java.util.List;
import java.util.OptionalInt;

/** What a caller asks for, reduced to what an answer depends on. */
public sealed interface InferenceRequest {
  /** The model as asked for; empty if the call does not say. */
  String model();

  /**
   * A chat completion.
   *
   * @param promptTokens as {@link Tokens} counts them
   * @param contentHash hash of all text before the answer, the same in every dialect
   * @param outputTokensMax the bound on each choice
   * @param choices how many answers ({@code n})
   * @param delivery whole or in chunks
   * @param wishes what is not plain text
   */
  record Chat(
      String model,
      int promptTokens,
      long contentHash,
      OptionalInt outputTokensMax,
      int choices,
      Delivery delivery,
      Wishes wishes)
      implements InferenceRequest {}

  /**
   * Embeddings.
   *
   * @param inputs one per text, in order
   */
  record Embeddings(String model, List<Input> inputs, int dimensions, VectorFormat format)
      implements InferenceRequest {

    /** All tokens of all texts. */
    public int promptTokens() {
      int sum = 0;
      for (var input : inputs) {
        sum += input.tokens();
      }
      return sum;
    }
  }

  /** What cannot be served, and the error that says why. */
  record Unusable(String model, Problem error) implements InferenceRequest {}

  /** One text to embed. */
  record Input(long contentHash, int tokens) {}

  /** How a chat answer is sent. */
  enum Delivery {
    /** One JSON object. */
    WHOLE,
    /** Server-sent events. */
    STREAM,
    /** Server-sent events, the last before {@code [DONE]} with the usage. */
    STREAM_WITH_USAGE,
    /** The chunks as one JSON array, as Gemini streams unless asked for events. */
    STREAM_AS_ARRAY
  }

  /** How a vector is written. */
  enum VectorFormat {
    /** A JSON array of numbers. */
    FLOAT,
    /** Little-endian 32-bit floats in base64, as the official SDKs ask for by default. */
    BASE64
  }
}
