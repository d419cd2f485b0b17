package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.behaviour.Hash;
import io.penstock.simulator.openai.InferenceRequest.Embeddings;
import io.penstock.simulator.openai.InferenceRequest.Input;
import io.penstock.simulator.openai.InferenceRequest.VectorFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/**
 * Writes embeddings: vectors of length 1 that follow from seed, model and text, and mean nothing.
 */
public final class EmbeddingsWriter {
  private static final int DIGITS_PER_NUMBER = 14;

  private EmbeddingsWriter() {}

  /** The body. */
  public static JsonBytes write(Embeddings request, long seed) {
    int room = 300 + request.inputs().size() * request.dimensions() * DIGITS_PER_NUMBER;
    long base = Hash.mix(seed, Hash.of(request.model()));
    return JsonBytes.of(
        room,
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (int index = 0; index < request.inputs().size(); index++) {
            json.writeStartObject();
            json.writeStringField("object", "embedding");
            json.writeNumberField("index", index);
            json.writeFieldName("embedding");
            var vector = vector(request.inputs().get(index), base, request.dimensions());
            writeVector(json, vector, request.format());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeStringField("model", request.model());
          json.writeObjectFieldStart("usage");
          json.writeNumberField("prompt_tokens", request.promptTokens());
          json.writeNumberField("total_tokens", request.promptTokens());
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private static float[] vector(Input input, long base, int dimensions) {
    long draw = Hash.mix(base, input.contentHash());
    var vector = new float[dimensions];
    double squares = 0;
    for (int index = 0; index < dimensions; index++) {
      // 24 bits: all that a float holds, so that the number written is the number encoded.
      float value = ((int) (Hash.mix(draw + index) >> 40)) / (float) (1 << 23);
      vector[index] = value;
      squares += value * value;
    }
    float scale = (float) (1 / Math.sqrt(Math.max(squares, Float.MIN_NORMAL)));
    for (int index = 0; index < dimensions; index++) {
      vector[index] *= scale;
    }
    return vector;
  }

  private static void writeVector(JsonGenerator json, float[] vector, VectorFormat format)
      throws IOException {
    switch (format) {
      case FLOAT -> {
        json.writeStartArray(vector, vector.length);
        for (float value : vector) {
          json.writeNumber(value);
        }
        json.writeEndArray();
      }
      case BASE64 -> {
        var bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        json.writeString(Base64.getEncoder().encodeToString(bytes.array()));
      }
    }
  }
}
