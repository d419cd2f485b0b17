package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.ProviderDialect.Embeddings;
import io.penstock.worker.dialect.ProviderDialect.Unsupported;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.UsageEstimate;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Set;

/** OpenAI's embeddings by Gemini's {@code batchEmbedContents}, which takes one text or many. */
final class GeminiEmbeddings implements Embeddings {

  /** What has a place here, or changes nothing. */
  private static final Set<String> KNOWN =
      Set.of("model", "input", "encoding_format", "dimensions", "user", "input_type");

  @Override
  public byte[] request(CallAssigned call, byte[] body, Unsupported unsupported) {
    var asked = asked(body);
    asked
        .properties()
        .forEach(
            field -> {
              if (!KNOWN.contains(field.getKey()) && !field.getValue().isNull()) {
                unsupported.parameter(field.getKey());
              }
            });
    var root = Trees.object();
    var requests = root.putArray("requests");
    var input = asked.path("input");
    if (input.isTextual()) {
      requests.add(one(call, asked, input));
    }
    for (var text : input) {
      requests.add(one(call, asked, text));
    }
    if (requests.isEmpty()) {
      throw new UnsupportedCallException("there is no text to embed");
    }
    return Trees.bytes(root);
  }

  private static ObjectNode asked(byte[] body) {
    var asked = Trees.objectOrNull(body);
    if (asked == null) {
      throw new UnsupportedCallException("the body is not a JSON object");
    }
    return asked;
  }

  private static ObjectNode one(CallAssigned call, ObjectNode asked, JsonNode text) {
    if (!text.isTextual()) {
      throw new UnsupportedCallException("Gemini embeds texts, not tokens");
    }
    var name = call.getUpstreamModel();
    var request = Trees.object().put("model", name.startsWith("models/") ? name : "models/" + name);
    request.putObject("content").putArray("parts").addObject().put("text", text.textValue());
    var dimensions = asked.path("dimensions");
    if (dimensions.isIntegralNumber()) {
      request.set("outputDimensionality", dimensions);
    }
    var type = Trees.textOrNull(asked.path("input_type"));
    if (type != null) {
      request.put("taskType", taskType(type));
    }
    return request;
  }

  /** An extension that several servers share, in the words of most of them. */
  private static String taskType(String inputType) {
    return switch (inputType) {
      case "query", "search_query" -> "RETRIEVAL_QUERY";
      case "document", "passage", "search_document" -> "RETRIEVAL_DOCUMENT";
      case "classification" -> "CLASSIFICATION";
      case "clustering" -> "CLUSTERING";
      default -> inputType;
    };
  }

  @Override
  public Vectors read(CallAssigned call, byte[] request, byte[] body) {
    var answer = Trees.onlyObjectOrNull(body);
    if (answer == null) {
      return failed(call, body, "the answer is not JSON");
    }
    if (answer.path("error").isObject()) {
      return new Vectors.Failed(FailureClassifier.classifyError200(body), null);
    }
    var asked = asked(request);
    var base64 = asked.path("encoding_format").asText().equals("base64");
    var vectors = answer.path("embeddings");
    var expected = asked.path("input").isArray() ? asked.path("input").size() : 1;
    if (vectors.size() != expected) {
      return failed(call, body, "the answer does not hold a vector for each text");
    }
    var out = Trees.object().put("object", "list");
    var data = out.putArray("data");
    for (var i = 0; i < vectors.size(); i++) {
      var values = vectors.path(i).path("values");
      if (!values.isArray() || values.isEmpty()) {
        return failed(call, body, "a vector is empty");
      }
      var item = data.addObject().put("object", "embedding").put("index", i);
      item.set("embedding", base64 ? Trees.NODES.textNode(base64(values)) : values);
    }
    out.put("model", call.getUpstreamModel());
    var counted = GeminiUsage.of(answer.path("usageMetadata"), Trees.slice(body, "usageMetadata"));
    var usage = counted == null ? UsageEstimate.of(call.getFacts(), null, null) : counted;
    var tokens = sum(usage.getInputUncached(), usage.getInputImage(), usage.getInputAudio());
    out.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    return new Vectors.Made(Trees.bytes(out), usage);
  }

  private static Vectors.Failed failed(CallAssigned call, byte[] body, String message) {
    return new Vectors.Failed(
        FailureClassifier.unusable(200, message, body),
        UsageEstimate.of(call.getFacts(), null, null));
  }

  private static long sum(@org.jspecify.annotations.Nullable Long... counts) {
    var sum = 0L;
    for (var count : counts) {
      sum += count == null ? 0 : count;
    }
    return sum;
  }

  /** OpenAI's: 32-bit floats, the lowest byte first. */
  private static String base64(JsonNode values) {
    var bytes = ByteBuffer.allocate(values.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    values.forEach(value -> bytes.putFloat(value.floatValue()));
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
