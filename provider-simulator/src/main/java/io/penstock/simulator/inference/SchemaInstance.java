package io.penstock.simulator.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Makes a value that fits a simple JSON schema: types, properties, items, enum, const, bounds,
 * common formats, anyOf, oneOf, allOf and references within the schema. Patterns and conditions are
 * not understood.
 */
final class SchemaInstance {
  private static final int DEPTH_MAX = 24;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonNode root;

  private SchemaInstance(JsonNode root) {
    this.root = root;
  }

  static JsonNode of(JsonNode schema) {
    return new SchemaInstance(schema).value("value", schema, 0);
  }

  private JsonNode value(String name, JsonNode schema, int depth) {
    if (depth > DEPTH_MAX || !schema.isObject()) {
      return NODES.textNode(name);
    }
    if (schema.has("$ref")) {
      var pointer = schema.get("$ref").asText().replaceFirst("^#", "");
      return value(name, pointer.startsWith("/") ? root.at(pointer) : root, depth + 1);
    }
    if (schema.has("const")) {
      return schema.get("const");
    }
    if (schema.path("enum").isArray() && !schema.get("enum").isEmpty()) {
      return schema.get("enum").get(0);
    }
    for (var choice : new String[] {"anyOf", "oneOf"}) {
      if (schema.path(choice).isArray() && !schema.get(choice).isEmpty()) {
        return value(name, schema.get(choice).get(0), depth + 1);
      }
    }
    if (schema.path("allOf").isArray()) {
      return all(name, schema, depth);
    }
    return switch (type(schema)) {
      case "object" -> object(schema, depth);
      case "array" -> array(name, schema, depth);
      case "integer", "number" -> number(schema);
      case "boolean" -> NODES.booleanNode(true);
      case "null" -> NODES.nullNode();
      default -> text(name, schema);
    };
  }

  private static String type(JsonNode schema) {
    var type = schema.path("type");
    if (type.isArray() && !type.isEmpty()) {
      return type.get(0).asText();
    }
    if (type.isTextual()) {
      // Gemini writes the names of types in capitals.
      return type.asText().toLowerCase(java.util.Locale.ROOT);
    }
    return schema.has("properties") ? "object" : schema.has("items") ? "array" : "string";
  }

  private JsonNode all(String name, JsonNode schema, int depth) {
    var merged = schema.<ObjectNode>deepCopy();
    merged.remove("allOf");
    for (var part : schema.get("allOf")) {
      var whole = part.has("$ref") ? root.at(part.get("$ref").asText().substring(1)) : part;
      if (whole instanceof ObjectNode object) {
        object
            .properties()
            .forEach(
                entry -> {
                  if (entry.getKey().equals("properties")
                      && merged.get("properties") instanceof ObjectNode known
                      && entry.getValue() instanceof ObjectNode more) {
                    known.setAll(more);
                  } else {
                    merged.set(entry.getKey(), entry.getValue());
                  }
                });
      }
    }
    return value(name, merged, depth + 1);
  }

  private JsonNode object(JsonNode schema, int depth) {
    var object = NODES.objectNode();
    schema
        .path("properties")
        .properties()
        .forEach(
            entry ->
                object.set(entry.getKey(), value(entry.getKey(), entry.getValue(), depth + 1)));
    return object;
  }

  private JsonNode array(String name, JsonNode schema, int depth) {
    var array = NODES.arrayNode();
    int count = Math.min(64, Math.max(1, schema.path("minItems").asInt(1)));
    if (schema.path("maxItems").asInt(1) < 1) {
      return array;
    }
    for (int index = 0; index < count; index++) {
      array.add(value(name, schema.path("items"), depth + 1));
    }
    return array;
  }

  private static JsonNode number(JsonNode schema) {
    long smallest = schema.path("minimum").asLong(Long.MIN_VALUE);
    long above = schema.path("exclusiveMinimum").asLong(Long.MIN_VALUE);
    long largest = schema.path("maximum").asLong(Long.MAX_VALUE);
    long value = Math.clamp(7, smallest, Math.max(smallest, largest));
    return NODES.numberNode(above == Long.MIN_VALUE ? value : Math.max(value, above + 1));
  }

  private static JsonNode text(String name, JsonNode schema) {
    var text =
        switch (schema.path("format").asText()) {
          case "date-time" -> "2026-01-02T03:04:05Z";
          case "date" -> "2026-01-02";
          case "time" -> "03:04:05Z";
          case "email" -> "someone@example.org";
          case "uuid" -> "00000000-0000-4000-8000-000000000007";
          case "uri" -> "https://example.org/";
          default -> name;
        };
    int shortest = schema.path("minLength").asInt(0);
    int longest = schema.path("maxLength").asInt(Integer.MAX_VALUE);
    var padded = text + "x".repeat(Math.clamp((long) shortest - text.length(), 0, 100_000));
    return NODES.textNode(padded.length() > longest ? padded.substring(0, longest) : padded);
  }
}
