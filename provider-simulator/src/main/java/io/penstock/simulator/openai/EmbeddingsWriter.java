package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.InferenceRequest.VectorFormat;
import io.penstock.simulator.inference.Vectors;
import io.penstock.simulator.json.JsonBytes;
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
  public static JsonBytes write(Embeddings request, long seed, Telling telling) {
    int room = 300 + request.inputs().size() * request.dimensions() * DIGITS_PER_NUMBER;
    long base = Vectors.base(request, seed);
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
            var vector = Vectors.vector(request.inputs().get(index), base, request.dimensions());
            writeVector(json, vector, request.format());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeStringField("model", request.model());
          if (!telling.omits(Omission.USAGE)) {
            json.writeObjectFieldStart("usage");
            json.writeNumberField("prompt_tokens", request.promptTokens());
            if (!telling.omits(Omission.USAGE_OF_OUTPUT)) {
              json.writeNumberField("total_tokens", request.promptTokens());
            }
            json.writeEndObject();
          }
          json.writeEndObject();
        });
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
