package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import org.jspecify.annotations.Nullable;

/** JSON schemas as Anthropic takes them. */
final class Schemas {

  private Schemas() {}

  /** The schema of a tool's arguments: an object always, and it says so. */
  static JsonNode ofArguments(@Nullable JsonNode schema) {
    if (!(schema instanceof ObjectNode object)) {
      var none = Trees.typed("object");
      none.set("properties", Trees.object());
      return none;
    }
    if (object.has("type")) {
      return object;
    }
    ObjectNode typed = Trees.typed("object");
    typed.setAll(object);
    return typed;
  }

  /**
   * A schema in which objects have no properties but those they name, as Anthropic demands. What
   * follows it follows the caller's schema too. Where the caller says otherwise, it stays.
   */
  static JsonNode closed(JsonNode schema) {
    var copy = schema.deepCopy();
    close(copy);
    return copy;
  }

  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.path("properties").isObject()
        && object.path("type").asText().equals("object")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    schema.forEach(Schemas::close);
  }
}
