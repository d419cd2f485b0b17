package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Vectors as the caller asked for them: numbers, or base64 of little-endian 32-bit floats. Some
 * servers know only one of the two and answer with it whatever was asked.
 */
final class EmbeddingsConversion {

  private static final byte[] BASE64 = "base64".getBytes(StandardCharsets.US_ASCII);

  private EmbeddingsConversion() {}

  /** Whether a request asks for base64. */
  static boolean wantsBase64(byte[] request) {
    if (!mentions(request)) {
      return false;
    }
    var json = Trees.objectOrNull(request);
    return json != null && json.path("encoding_format").asText().equals("base64");
  }

  /** Cheap, and sure when it says no. */
  private static boolean mentions(byte[] request) {
    for (var at = 0; at <= request.length - BASE64.length; at++) {
      if (Arrays.equals(request, at, at + BASE64.length, BASE64, 0, BASE64.length)) {
        return true;
      }
    }
    return false;
  }

  /** The answer with its vectors the other way round. */
  static byte[] converted(byte[] answer) {
    var json = Trees.objectOrNull(answer);
    if (json == null) {
      return answer;
    }
    for (var entry : json.path("data")) {
      if (entry instanceof ObjectNode vector && vector.has("embedding")) {
        vector.set("embedding", converted(vector.get("embedding")));
      }
    }
    return Trees.bytes(json);
  }

  private static JsonNode converted(JsonNode embedding) {
    if (embedding instanceof ArrayNode numbers) {
      return Trees.NODES.textNode(base64(numbers));
    }
    return embedding.isTextual() ? numbers(embedding) : embedding;
  }

  private static String base64(ArrayNode numbers) {
    var bytes = ByteBuffer.allocate(numbers.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    numbers.forEach(number -> bytes.putFloat(number.floatValue()));
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  private static JsonNode numbers(JsonNode base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64.textValue());
    } catch (IllegalArgumentException _) {
      // another encoding than the two that there are: the caller may know it
      return base64;
    }
    var floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    var numbers = Trees.NODES.arrayNode(floats.remaining());
    while (floats.hasRemaining()) {
      numbers.add(floats.get());
    }
    return numbers;
  }
}
