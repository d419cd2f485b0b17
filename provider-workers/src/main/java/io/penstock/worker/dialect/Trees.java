package io.penstock.worker.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** JSON trees whose numbers stay as they were written: 1.10 is not 1.1 to a tool. */
public final class Trees {

  /** Makes nodes. */
  public static final JsonNodeFactory NODES = JsonNodeFactory.instance;

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
  public static JsonNode read(byte[] json) throws IOException {
    return READER.readTree(json);
  }

  /** Reads an object; null when the bytes are anything else. */
  public static @Nullable ObjectNode objectOrNull(byte[] json) {
    try {
      return READER.readTree(json) instanceof ObjectNode object ? object : null;
    } catch (IOException _) {
      return null;
    }
  }

  /** Reads an object; null when the text is anything else. */
  public static @Nullable ObjectNode objectOrNull(String json) {
    try {
      return READER.readTree(json) instanceof ObjectNode object ? object : null;
    } catch (JsonProcessingException _) {
      return null;
    }
  }

  /**
   * Reads an object, or the only element of an array: a stream that fails before it begins may
   * answer with an array of one. Null when the bytes are anything else.
   */
  public static @Nullable ObjectNode onlyObjectOrNull(byte[] json) {
    try {
      var root = READER.readTree(json);
      var only = root.isArray() && root.size() == 1 ? root.path(0) : root;
      return only instanceof ObjectNode object ? object : null;
    } catch (IOException _) {
      return null;
    }
  }

  /** An object without members. */
  public static ObjectNode object() {
    return NODES.objectNode();
  }

  /** A block, an item, or anything else that names its type. */
  public static ObjectNode typed(String type) {
    return NODES.objectNode().put("type", type);
  }

  /** A tree as it is sent. */
  public static byte[] bytes(JsonNode tree) {
    try {
      return Json.MAPPER.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  /** The text of a node; null when it is no text. */
  public static @Nullable String textOrNull(JsonNode node) {
    return node.isTextual() ? node.textValue() : null;
  }

  /** The text of a node; null when it is no text or an empty one. */
  public static @Nullable String nonEmptyOrNull(JsonNode node) {
    return node.isTextual() && !node.textValue().isEmpty() ? node.textValue() : null;
  }

  /**
   * The bytes of an object as they were sent, found by the names of the members that lead to it;
   * null when there is none. An array around it all is passed over.
   */
  public static byte @Nullable [] slice(byte[] json, String... names) {
    var depth = 0;
    try (var parser = Json.FACTORY.createParser(json)) {
      if (parser.nextToken() == JsonToken.START_ARRAY) {
        parser.nextToken();
      }
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
}
