package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Json;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON trees whose numbers stay as they were written: 1.10 is not 1.1 to a tool. */
final class Trees {

  static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final ObjectReader READER =
      Json.MAPPER
          .readerFor(JsonNode.class)
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);

  private Trees() {}

  /**
   * Reads one value.
   *
   * @throws IOException when the bytes are not one JSON value
   */
  static JsonNode read(byte[] json) throws IOException {
    return READER.readTree(json);
  }

  /** Reads an object; null when the bytes are anything else. */
  static @Nullable ObjectNode objectOrNull(byte[] json) {
    try {
      return READER.readTree(json) instanceof ObjectNode object ? object : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Reads an object; null when the text is anything else. */
  static @Nullable ObjectNode objectOrNull(String json) {
    try {
      return READER.readTree(json) instanceof ObjectNode object ? object : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  static ObjectNode object() {
    return NODES.objectNode();
  }

  /** A block, or anything else that names its type. */
  static ObjectNode typed(String type) {
    return NODES.objectNode().put("type", type);
  }

  static byte[] bytes(JsonNode node) {
    try {
      return Json.MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  /** The text of a node; null when it is no text. */
  static @Nullable String textOrNull(JsonNode node) {
    return node.isTextual() ? node.textValue() : null;
  }

  /** The text of a node; null when it is no text or an empty one. */
  static @Nullable String nonEmptyOrNull(JsonNode node) {
    var text = textOrNull(node);
    return text == null || text.isEmpty() ? null : text;
  }
}
