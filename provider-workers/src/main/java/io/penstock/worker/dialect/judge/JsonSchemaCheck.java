package io.penstock.worker.dialect.judge;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The part of JSON Schema that structured outputs use. Keywords that it does not know, and whatever
 * goes beyond its limits, count as fulfilled: an answer is never thrown away for our own ignorance.
 * One object checks one value.
 */
public final class JsonSchemaCheck {

  /** Schemas may refer to themselves. */
  private static final int DEPTH_MAX = 200;

  /** Alternatives inside alternatives multiply. */
  private static final int STEPS_MAX = 1_000_000;

  private static final Comparator<JsonNode> NUMBERS_BY_VALUE =
      (left, right) -> {
        var first = decimal(left);
        var second = decimal(right);
        if (first != null && second != null) {
          return first.compareTo(second);
        }
        return left.equals(right) ? 0 : 1;
      };

  private final JsonNode root;
  private int steps;

  private JsonSchemaCheck(JsonNode root) {
    this.root = root;
  }

  /** The keyword that a value breaks first; null when it fulfils the schema. */
  public static @Nullable String violated(JsonNode schema, JsonNode value) {
    return new JsonSchemaCheck(schema).check(schema, value, 0);
  }

  private @Nullable String check(JsonNode schema, JsonNode value, int depth) {
    if (schema.isBoolean()) {
      return schema.booleanValue() ? null : "false";
    }
    if (!schema.isObject() || depth > DEPTH_MAX || ++steps > STEPS_MAX) {
      return null;
    }
    var wrong = own(schema, value);
    if (wrong == null && value.isObject()) {
      wrong = members(schema, value, depth);
    }
    if (wrong == null && value.isArray()) {
      wrong = elements(schema, value, depth);
    }
    return wrong == null ? combined(schema, value, depth) : wrong;
  }

  /** What a schema says of the value itself. */
  private static @Nullable String own(JsonNode schema, JsonNode value) {
    if (!typed(schema.path("type"), value)) {
      return "type";
    }
    if (schema.path("enum").isArray() && !listed(schema.path("enum"), value)) {
      return "enum";
    }
    if (schema.has("const") && !same(schema.path("const"), value)) {
      return "const";
    }
    if (value.isNumber()) {
      return range(schema, value);
    }
    return value.isTextual() ? text(schema, value.textValue()) : null;
  }

  private static boolean typed(JsonNode type, JsonNode value) {
    if (type.isTextual()) {
      return is(type.textValue(), value);
    }
    if (!type.isArray() || type.isEmpty()) {
      return true;
    }
    for (var one : type) {
      if (is(one.asText(), value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean is(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      case "number" -> value.isNumber();
      case "integer" -> whole(value);
      default -> true;
    };
  }

  /** 1.0 is an integer, too. */
  private static boolean whole(JsonNode value) {
    var number = decimal(value);
    return number != null && number.stripTrailingZeros().scale() <= 0;
  }

  private static boolean listed(JsonNode values, JsonNode value) {
    for (var one : values) {
      if (same(one, value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean same(JsonNode one, JsonNode other) {
    return one.equals(NUMBERS_BY_VALUE, other);
  }

  private static @Nullable BigDecimal decimal(JsonNode node) {
    if (!node.isNumber()
        || node.isFloatingPointNumber()
            && !node.isBigDecimal()
            && !Double.isFinite(node.doubleValue())) {
      return null;
    }
    return node.decimalValue();
  }

  private static @Nullable String range(JsonNode schema, JsonNode value) {
    if (compare(value, schema.path("minimum")) < 0) {
      return "minimum";
    }
    if (compare(schema.path("maximum"), value) < 0) {
      return "maximum";
    }
    if (compare(value, schema.path("exclusiveMinimum"), 1) <= 0) {
      return "exclusiveMinimum";
    }
    return compare(schema.path("exclusiveMaximum"), value, 1) <= 0 ? "exclusiveMaximum" : null;
  }

  private static int compare(JsonNode one, JsonNode other) {
    return compare(one, other, 0);
  }

  private static int compare(JsonNode one, JsonNode other, int unlessBothAreNumbers) {
    var first = decimal(one);
    var second = decimal(other);
    return first == null || second == null ? unlessBothAreNumbers : first.compareTo(second);
  }

  private static @Nullable String text(JsonNode schema, String text) {
    var length = text.codePointCount(0, text.length());
    if (length < schema.path("minLength").asLong(0)) {
      return "minLength";
    }
    if (length > schema.path("maxLength").asLong(Long.MAX_VALUE)) {
      return "maxLength";
    }
    var pattern = schema.path("pattern");
    return pattern.isTextual() && BoundedPattern.misses(pattern.textValue(), text)
        ? "pattern"
        : null;
  }

  private @Nullable String members(JsonNode schema, JsonNode object, int depth) {
    for (var name : schema.path("required")) {
      if (name.isTextual() && !object.has(name.textValue())) {
        return "required";
      }
    }
    var properties = schema.path("properties");
    // a name that matches a pattern is no additional one, and patterns of names are not known here
    var others = schema.has("patternProperties") ? null : schema.get("additionalProperties");
    for (var member : object.properties()) {
      var described = properties.get(member.getKey());
      var by = described == null ? others : described;
      if (by == null) {
        continue;
      }
      if (described == null && by.isBoolean() && !by.booleanValue()) {
        return "additionalProperties";
      }
      var wrong = check(by, member.getValue(), depth + 1);
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private @Nullable String elements(JsonNode schema, JsonNode array, int depth) {
    if (array.size() < schema.path("minItems").asLong(0)) {
      return "minItems";
    }
    if (array.size() > schema.path("maxItems").asLong(Long.MAX_VALUE)) {
      return "maxItems";
    }
    // two generations of JSON Schema say it in different words
    var items = schema.path("items");
    var first = items.isArray() ? items : schema.path("prefixItems");
    var rest = items.isArray() ? schema.path("additionalItems") : items;
    for (var i = 0; i < array.size(); i++) {
      var wrong = check(i < first.size() ? first.path(i) : rest, array.path(i), depth + 1);
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private @Nullable String combined(JsonNode schema, JsonNode value, int depth) {
    var reference = schema.path("$ref");
    if (reference.isTextual()) {
      var wrong = check(resolved(reference.textValue()), value, depth + 1);
      if (wrong != null) {
        return wrong;
      }
    }
    for (var part : schema.path("allOf")) {
      var wrong = check(part, value, depth + 1);
      if (wrong != null) {
        return wrong;
      }
    }
    var any = schema.path("anyOf");
    if (any.isArray() && !any.isEmpty() && fulfilled(any, value, depth) == 0) {
      return "anyOf";
    }
    var one = schema.path("oneOf");
    return one.isArray() && !one.isEmpty() && fulfilled(one, value, depth) != 1 && inLimits(depth)
        ? "oneOf"
        : null;
  }

  private int fulfilled(JsonNode alternatives, JsonNode value, int depth) {
    var count = 0;
    for (var alternative : alternatives) {
      count += check(alternative, value, depth + 1) == null ? 1 : 0;
    }
    return count;
  }

  /**
   * Beyond the limits every alternative counts as fulfilled, which must not break "exactly one".
   */
  private boolean inLimits(int depth) {
    return depth < DEPTH_MAX && steps <= STEPS_MAX;
  }

  private JsonNode resolved(String reference) {
    if (!reference.startsWith("#")) {
      return root.path("");
    }
    try {
      var decoded =
          URLDecoder.decode(reference.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
      return root.at(JsonPointer.compile(decoded));
    } catch (IllegalArgumentException _) {
      return root.path("");
    }
  }
}
