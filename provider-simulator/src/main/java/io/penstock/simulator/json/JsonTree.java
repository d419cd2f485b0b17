package io.penstock.simulator.json;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Optional;

/** JSON read whole, where speed matters less than ease. */
public final class JsonTree {
  /** Reads one value and nothing after it. */
  public static final ObjectMapper MAPPER =
      new ObjectMapper(JsonBytes.FACTORY).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonTree() {}

  /** The object that a body holds; empty if it holds anything else. */
  public static Optional<JsonNode> object(byte[] body) {
    try {
      return Optional.ofNullable(MAPPER.readTree(body)).filter(JsonNode::isObject);
    } catch (IOException notJson) {
      return Optional.empty();
    }
  }
}
