package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the deltas of one choice. Used by one thread. */
final class ChoiceReader {

  private final int index;
  private final List<Tool> tools = new ArrayList<>();

  /** Entries of {@code reasoning_details}, which come in pieces. */
  private final TreeMap<Integer, ObjectNode> details = new TreeMap<>();

  private boolean finished;

  /** A tool call as far as it has come. */
  private static final class Tool {
    private final int number;

    /** What the server calls it by; absent where it gives no numbers. */
    private final @Nullable Integer index;

    private final String id;
    private boolean argued;

    private Tool(int number, @Nullable Integer index, String id) {
      this.number = number;
      this.index = index;
      this.id = id;
    }
  }

  ChoiceReader(int index) {
    this.index = index;
  }

  void delta(JsonNode delta, List<StreamEvent> out) {
    var thought = ThoughtJson.text(delta);
    if (thought != null) {
      out.add(new StreamEvent.Thought(index, thought));
    }
    for (var detail : delta.path("reasoning_details")) {
      detail(detail);
    }
    content(delta.path("content"), out);
    var refusal = Trees.nonEmptyOrNull(delta.path("refusal"));
    if (refusal != null) {
      closeThoughts(out);
      out.add(new StreamEvent.Refusal(index, refusal));
    }
    for (var call : delta.path("tool_calls")) {
      closeThoughts(out);
      call(call, call.path("function"), out);
    }
    var function = delta.path("function_call");
    if (function.isObject() && (!tools.isEmpty() || function.hasNonNull("name"))) {
      call(delta, function, out);
    }
  }

  private void content(JsonNode content, List<StreamEvent> out) {
    if (content.isTextual()) {
      if (!content.textValue().isEmpty()) {
        closeThoughts(out);
        out.add(new StreamEvent.Text(index, content.textValue()));
      }
      return;
    }
    for (var part : content) {
      switch (part.path("type").asText()) {
        case "text" -> content(part.path("text"), out);
        case "thinking" -> {
          var thought = MistralContent.thought(part);
          if (!thought.isEmpty()) {
            out.add(new StreamEvent.Thought(index, thought));
          }
        }
        default -> {}
      }
    }
  }

  /** Texts of pieces of one entry are joined; of other fields the last word counts. */
  private void detail(JsonNode detail) {
    if (!detail.isObject()) {
      return;
    }
    var known =
        details.computeIfAbsent(detail.path("index").asInt(details.size()), _ -> Trees.object());
    for (var field : detail.properties()) {
      var before = known.path(field.getKey());
      var joined =
          before.isTextual()
              && field.getValue().isTextual()
              && switch (field.getKey()) {
                case "text", "summary", "data", "signature" -> true;
                default -> false;
              };
      if (joined) {
        known.put(field.getKey(), before.textValue() + field.getValue().textValue());
      } else if (!field.getValue().isNull() || before.isMissingNode()) {
        known.set(field.getKey(), field.getValue());
      }
    }
  }

  private void closeThoughts(List<StreamEvent> out) {
    for (var detail : details.values()) {
      out.add(new StreamEvent.ThoughtState(index, ThoughtJson.NAME, detail));
    }
    details.clear();
  }

  private void call(JsonNode call, JsonNode function, List<StreamEvent> out) {
    var id = Trees.nonEmptyOrNull(call.path("id"));
    var name = Trees.nonEmptyOrNull(function.path("name"));
    var tool = known(call, id, name);
    if (tool == null) {
      tool = new Tool(tools.size(), number(call), id == null ? mintedId(tools.size()) : id);
      tools.add(tool);
      out.add(
          new StreamEvent.ToolStarted(
              index, tool.number, tool.id, name == null ? "" : name, CallState.read(call)));
    }
    var arguments = function.path("arguments");
    var fragment = arguments.isTextual() ? arguments.textValue() : objectText(arguments);
    if (!fragment.isEmpty()) {
      tool.argued = true;
      out.add(new StreamEvent.ToolArguments(index, tool.number, fragment));
    }
  }

  private static String objectText(JsonNode arguments) {
    return arguments.isObject() ? arguments.toString() : "";
  }

  private String mintedId(int number) {
    return "call_" + index + "_" + number;
  }

  private static @Nullable Integer number(JsonNode call) {
    return call.path("index").isIntegralNumber() ? (Integer) call.path("index").intValue() : null;
  }

  /**
   * The call that a delta goes on with; null for a new one. Some servers number nothing, and some
   * give every call the number 0: another id with another name is another call.
   */
  private @Nullable Tool known(JsonNode call, @Nullable String id, @Nullable String name) {
    var number = number(call);
    for (var tool : tools.reversed()) {
      var sameNumber = number == null || number.equals(tool.index);
      var sameId = id == null || id.equals(tool.id);
      if (sameNumber && (sameId || name == null)) {
        return number == null && id == null && name != null ? null : tool;
      }
    }
    return null;
  }

  /** The choice is complete; to be called any number of times. */
  void finish(@Nullable String word, @Nullable String nativeWord, List<StreamEvent> out) {
    if (finished) {
      return;
    }
    finished = true;
    closeThoughts(out);
    for (var tool : tools) {
      if (!tool.argued) {
        out.add(new StreamEvent.ToolArguments(index, tool.number, "{}"));
      }
    }
    out.add(new StreamEvent.Finished(index, Finishes.of(word, !tools.isEmpty()), nativeWord, null));
  }
}
