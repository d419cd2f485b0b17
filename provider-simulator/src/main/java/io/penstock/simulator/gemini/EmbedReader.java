package io.penstock.simulator.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.simulator.dialect.Target;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.InferenceRequest.Input;
import io.penstock.simulator.inference.InferenceRequest.Unusable;
import io.penstock.simulator.inference.InferenceRequest.VectorFormat;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.inference.TextDigest;
import io.penstock.simulator.inference.Tokens;
import io.penstock.simulator.json.JsonTree;
import java.util.ArrayList;

/** Reads the body of embedContent, or of batchEmbedContents. */
final class EmbedReader {
  private static final int DIMENSIONS_DEFAULT = 3_072;
  private static final int DIMENSIONS_MAX = 4_096;

  private EmbedReader() {}

  static InferenceRequest parse(byte[] bytes, Target target) {
    var model = target.model().orElse("");
    var body = JsonTree.object(bytes);
    if (body.isEmpty()) {
      return new Unusable(
          model, new Problem(400, "Invalid JSON payload received.", null, null, null));
    }
    var inputs = new ArrayList<Input>();
    int dimensions = DIMENSIONS_DEFAULT;
    if (body.get().has("requests")) {
      for (var request : body.get().get("requests")) {
        inputs.add(input(request));
        dimensions = request.path("outputDimensionality").asInt(dimensions);
      }
    } else if (body.get().has("content")) {
      inputs.add(input(body.get()));
      dimensions = body.get().path("outputDimensionality").asInt(dimensions);
    }
    if (inputs.isEmpty()) {
      return new Unusable(
          model,
          new Problem(
              400, "* EmbedContentRequest.content: contents is not specified\n", null, null, null));
    }
    return new Embeddings(
        model, inputs, Math.clamp(dimensions, 1, DIMENSIONS_MAX), VectorFormat.FLOAT);
  }

  private static Input input(JsonNode request) {
    var digest = new TextDigest();
    for (var part : request.path("content").path("parts")) {
      digest.add(part.path("text").asText(""));
    }
    return new Input(digest.hash(), Tokens.ofBytes(digest.bytes()));
  }
}
