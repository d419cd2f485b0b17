package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Parameters;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.canonical.Prompt.Reasoning;
import io.penstock.worker.dialect.canonical.Prompt.Sampling;
import io.penstock.worker.dialect.canonical.Prompt.Tool;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads callers' requests. */
final class PromptReader {

  /** Parameters that have a place in a prompt, or none because the gateway itself heeds them. */
  private static final Set<String> PLACED =
      Set.of(
          "model",
          "input",
          "instructions",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "text",
          "max_output_tokens",
          "temperature",
          "top_p",
          "top_logprobs",
          "include",
          "reasoning",
          "user",
          "service_tier",
          "stream",
          "stream_options",
          "background");

  /** What a provider keeps, and no other knows. */
  private static final List<String> KEPT =
      List.of("previous_response_id", "conversation", "prompt");

  private PromptReader() {}

  /**
   * Reads a request.
   *
   * @throws UnsupportedCallException when it holds what cannot be said in any other language
   */
  static Prompt read(byte[] json) {
    var body = Trees.objectOrNull(json);
    if (body == null) {
      throw new UnsupportedCallException("the body is not a JSON object");
    }
    for (var name : KEPT) {
      if (body.hasNonNull(name)) {
        throw UnsupportedCallException.untranslatable(name);
      }
    }
    var user = Trees.textOrNull(body.path("user"));
    var extras = extras(body);
    if (user == null) {
      user = Trees.textOrNull(body.path("safety_identifier"));
      extras.remove("safety_identifier");
    }
    return new Prompt(
        InputReader.read(body),
        tools(body.path("tools")),
        toolChoice(body.path("tool_choice")),
        Parameters.bool(body, "parallel_tool_calls"),
        format(body.path("text").path("format")),
        Parameters.whole(body, "max_output_tokens"),
        new Sampling(
            Parameters.number(body, "temperature"),
            Parameters.number(body, "top_p"),
            null,
            null,
            null,
            null),
        List.of(),
        1,
        reasoning(body.path("reasoning")),
        user,
        "auto".equals(body.path("service_tier").asText())
            ? null
            : Trees.textOrNull(body.path("service_tier")),
        body.path("stream").asBoolean(),
        extras);
  }

  /** OpenAI's own tools run at OpenAI. */
  private static List<Tool> tools(JsonNode tools) {
    var functions = new ArrayList<Tool>();
    for (var tool : tools) {
      if (!tool.path("type").asText().equals("function")) {
        throw UnsupportedCallException.untranslatable("tools");
      }
      var parameters = tool.path("parameters");
      functions.add(
          new Tool(
              tool.path("name").asText(),
              Trees.textOrNull(tool.path("description")),
              parameters.isObject() ? parameters : null,
              Parameters.bool(tool, "strict")));
    }
    return functions;
  }

  private static @Nullable ToolChoice toolChoice(JsonNode choice) {
    if (choice.isMissingNode() || choice.isNull()) {
      return null;
    }
    if (choice.isTextual()) {
      return switch (choice.textValue()) {
        case "auto" -> new ToolChoice.Auto();
        case "none" -> new ToolChoice.None();
        case "required" -> new ToolChoice.Required();
        default -> throw UnsupportedCallException.untranslatable("tool_choice");
      };
    }
    var name = Trees.nonEmptyOrNull(choice.path("name"));
    if (!choice.path("type").asText().equals("function") || name == null) {
      throw UnsupportedCallException.untranslatable("tool_choice");
    }
    return new ToolChoice.Named(name);
  }

  private static OutputFormat format(JsonNode format) {
    if (format.isMissingNode() || format.isNull()) {
      return new OutputFormat.Text();
    }
    return switch (format.path("type").asText()) {
      case "text" -> new OutputFormat.Text();
      case "json_object" -> new OutputFormat.JsonObject();
      case "json_schema" ->
          new OutputFormat.JsonSchema(
              format.path("name").asText("answer"),
              format.path("schema"),
              Parameters.bool(format, "strict"));
      default -> throw UnsupportedCallException.untranslatable("text.format");
    };
  }

  private static @Nullable Reasoning reasoning(JsonNode reasoning) {
    var effort = Trees.textOrNull(reasoning.path("effort"));
    var shown = reasoning.hasNonNull("summary") || reasoning.hasNonNull("generate_summary");
    if (effort == null && !shown) {
      return null;
    }
    // OpenAI's default
    return new Reasoning(effort == null ? "medium" : effort, null, shown ? true : null);
  }

  /** Parameters without a place, those that ask for nothing left out. */
  private static Map<String, JsonNode> extras(ObjectNode body) {
    var extras = new HashMap<String, JsonNode>();
    for (var field : body.properties()) {
      if (!PLACED.contains(field.getKey()) && !asksNothing(field.getKey(), field.getValue())) {
        extras.put(field.getKey(), field.getValue());
      }
    }
    // labels on what the provider stores; they were for us where it stores nothing
    if (!body.path("store").asBoolean()) {
      extras.remove("metadata");
    }
    var verbosity = body.path("text").path("verbosity");
    if (verbosity.isTextual() && !verbosity.textValue().equals("medium")) {
      extras.put("verbosity", verbosity);
    }
    var logprobs = body.path("top_logprobs");
    if (logprobs.asInt() > 0 || includesLogprobs(body)) {
      extras.put("logprobs", BooleanNode.TRUE);
    }
    if (logprobs.asInt() > 0) {
      extras.put("top_logprobs", logprobs);
    }
    return extras;
  }

  private static boolean includesLogprobs(ObjectNode body) {
    return body.path("include")
        .valueStream()
        .anyMatch(value -> value.asText().equals("message.output_text.logprobs"));
  }

  private static boolean asksNothing(String name, JsonNode value) {
    return value.isNull()
        || (value.isBoolean() && !value.booleanValue())
        || (value.isContainerNode() && value.isEmpty())
        || (name.equals("truncation") && value.asText().equals("disabled"))
        // bounds the calls of tools that run at OpenAI, of which there are none
        || name.equals("max_tool_calls");
  }
}
