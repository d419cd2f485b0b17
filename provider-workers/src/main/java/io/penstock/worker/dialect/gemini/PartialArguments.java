package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Arguments of a tool call that come value by value, each with the path to its place. Used by one
 * thread.
 */
final class PartialArguments {

  /** A step of a path: {@code .name}, {@code ['name']} or {@code [3]}. */
  private static final Pattern STEP =
      Pattern.compile("\\.([^.\\[\\]]+)|\\['([^']*)'\\]|\\[(\\d{1,6})\\]");

  /** Nobody has arrays so long; without a bound a path could cost all memory. */
  private static final int INDEX_MAX = 10_000;

  private ObjectNode arguments = Trees.object();

  /** Takes the arguments as a whole. */
  void whole(ObjectNode args) {
    arguments = args.deepCopy();
  }

  /** Takes values; texts go on where they were left. */
  void take(JsonNode partialArgs) {
    for (var partial : partialArgs) {
      var steps = steps(partial.path("jsonPath").asText());
      if (!steps.isEmpty()) {
        put(arguments, steps, partial);
      }
    }
  }

  /** All that came, as JSON text. */
  String json() {
    return arguments.toString();
  }

  private static List<Object> steps(String path) {
    var steps = new ArrayList<Object>();
    var matcher = STEP.matcher(path);
    while (matcher.find()) {
      if (matcher.group(3) == null) {
        steps.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
      } else {
        steps.add(Math.min(Integer.parseInt(matcher.group(3)), INDEX_MAX));
      }
    }
    return steps;
  }

  private static void put(JsonNode root, List<Object> steps, JsonNode partial) {
    var at = root;
    for (var i = 0; i < steps.size() - 1; i++) {
      var next = child(at, steps.get(i));
      if (!next.isContainerNode()) {
        next = steps.get(i + 1) instanceof Integer ? Trees.NODES.arrayNode() : Trees.object();
        set(at, steps.get(i), next);
      }
      at = next;
    }
    var last = steps.getLast();
    set(at, last, value(partial, child(at, last)));
  }

  private static JsonNode value(JsonNode partial, JsonNode before) {
    if (partial.has("stringValue")) {
      var more = partial.path("stringValue").asText();
      return Trees.NODES.textNode(before.isTextual() ? before.textValue() + more : more);
    }
    if (partial.has("numberValue")) {
      return partial.path("numberValue");
    }
    return partial.has("boolValue") ? partial.path("boolValue") : Trees.NODES.nullNode();
  }

  private static JsonNode child(JsonNode container, Object step) {
    return step instanceof Integer index ? container.path(index) : container.path((String) step);
  }

  private static void set(JsonNode container, Object step, JsonNode value) {
    if (container instanceof ArrayNode array && step instanceof Integer index) {
      while (array.size() <= index) {
        array.addNull();
      }
      array.set(index, value);
    } else if (container instanceof ObjectNode object) {
      object.set(step.toString(), value);
    }
  }
}
