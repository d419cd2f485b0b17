package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Json;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** JSON trees whose numbers stay as they were written. */
final class Trees {

  static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final ObjectReader READER =
      Json.MAPPER
          .readerFor(JsonNode.class)
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .with(NODES);

  private Trees() {}

  static ObjectNode object() {
    return NODES.objectNode();
  }

  /** An item, a part, or anything else that names its type. */
  static ObjectNode typed(String type) {
    return NODES.objectNode().put("type", type);
  }

  /** Reads an object; null when the bytes are anything else. */
  static @Nullable ObjectNode objectOrNull(byte[] json) {
    try {
      return READER.readTree(json) instanceof ObjectNode object ? object : null;
    } catch (IOException _) {
      return null;
    }
  }

  static byte[] bytes(JsonNode node) {
    try {
      return Json.MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  /**
   * The bytes of a member, found by the names that lead to it, as they were sent; null when it is
   * no object.
   */
  static byte @Nullable [] slice(byte[] json, String... names) {
    var depth = 0;
    try (var parser = Json.FACTORY.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var found = parser.currentName().equals(names[depth]);
        if (parser.nextToken() == JsonToken.START_OBJECT && found) {
          if (++depth == names.length) {
            return slice(parser, json);
          }
        } else {
          parser.skipChildren();
        }
      }
      return null;
    } catch (IOException _) {
      return null;
    }
  }

  private static byte[] slice(JsonParser parser, byte[] json) throws IOException {
    var from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    return Arrays.copyOfRange(json, from, (int) parser.currentLocation().getByteOffset());
  }

  static @Nullable String textOrNull(JsonNode node) {
    return node.isTextual() ? node.textValue() : null;
  }

  /** A text with something in it; null when it is anything else. */
  static @Nullable String nonEmptyOrNull(JsonNode node) {
    return node.isTextual() && !node.textValue().isEmpty() ? node.textValue() : null;
  }
}
