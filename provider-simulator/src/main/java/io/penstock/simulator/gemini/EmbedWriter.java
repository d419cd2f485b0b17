package io.penstock.simulator.gemini;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.Vectors;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;

/** Writes the answer of embedContent, or of batchEmbedContents. */
final class EmbedWriter {
  /** Which of the two. */
  enum Form {
    ONE,
    BATCH
  }

  private EmbedWriter() {}

  static JsonBytes write(Embeddings request, long seed, Form form) {
    long base = Vectors.base(request, seed);
    return JsonBytes.of(
        512,
        json -> {
          json.writeStartObject();
          if (form == Form.ONE) {
            json.writeFieldName("embedding");
            writeVector(json, request, 0, base);
          } else {
            json.writeArrayFieldStart("embeddings");
            for (int index = 0; index < request.inputs().size(); index++) {
              writeVector(json, request, index, base);
            }
            json.writeEndArray();
          }
          json.writeEndObject();
        });
  }

  private static void writeVector(JsonGenerator json, Embeddings request, int index, long base)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("values");
    for (float value : Vectors.vector(request.inputs().get(index), base, request.dimensions())) {
      json.writeNumber(value);
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
