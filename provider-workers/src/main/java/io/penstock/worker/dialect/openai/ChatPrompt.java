package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads requests of callers of chat completions. */
final class ChatPrompt {

  /** Parameters that have a place in a prompt, or none because the gateway itself heeds them. */
  private static final Set<String> PLACED =
      Set.of(
          "model",
          "messages",
          "stream",
          "stream_options",
          "tools",
          "functions",
          "tool_choice",
          "function_call",
          "parallel_tool_calls",
          "response_format",
          "max_tokens",
          "max_completion_tokens",
          "temperature",
          "top_p",
          "top_k",
          "presence_penalty",
          "frequency_penalty",
          "seed",
          "stop",
          "n",
          "reasoning_effort",
          "user",
          "service_tier");

  private ChatPrompt() {}

  /**
   * Reads a request.
   *
   * @throws UnsupportedCallException when it holds what cannot be said in any other language
   */
  static Prompt read(byte[] body) {
    var json = Trees.objectOrNull(body);
    if (json == null) {
      throw new UnsupportedCallException("the body is not a JSON object");
    }
    var user = Trees.textOrNull(json.path("user"));
    var extras = extras(json);
    if (user == null) {
      user = Trees.textOrNull(json.path("safety_identifier"));
      extras.remove("safety_identifier");
    }
    var reasoning = reasoning(json);
    if (reasoning != null) {
      extras.remove("reasoning");
    }
    return new Prompt(
        ChatMessages.read(json.path("messages")),
        tools(json),
        toolChoice(json),
        Parameters.bool(json, "parallel_tool_calls"),
        format(json),
        limit(json),
        new Sampling(
            Parameters.number(json, "temperature"),
            Parameters.number(json, "top_p"),
            Parameters.whole(json, "top_k"),
            nonZero(Parameters.number(json, "presence_penalty")),
            nonZero(Parameters.number(json, "frequency_penalty")),
            Parameters.whole(json, "seed")),
        stop(json.path("stop")),
        choices(json),
        reasoning,
        user,
        "auto".equals(json.path("service_tier").asText())
            ? null
            : Trees.textOrNull(json.path("service_tier")),
        json.path("stream").asBoolean(),
        extras);
  }

  /** Parameters without a place; those that ask for nothing are left out. */
  private static Map<String, JsonNode> extras(ObjectNode json) {
    var extras = new HashMap<String, JsonNode>();
    for (var field : json.properties()) {
      if (!PLACED.contains(field.getKey()) && !asksNothing(field.getKey(), field.getValue())) {
        extras.put(field.getKey(), field.getValue());
      }
    }
    // labels on what the provider stores; they were for us where it stores nothing
    if (!json.path("store").asBoolean()) {
      extras.remove("metadata");
    }
    return extras;
  }

  private static boolean asksNothing(String name, JsonNode value) {
    return value.isNull()
        || switch (name) {
          case "logprobs", "store" -> value.isBoolean() && !value.booleanValue();
          case "top_logprobs" -> value.isIntegralNumber() && value.longValue() == 0;
          case "logit_bias", "metadata" -> value.isObject() && value.isEmpty();
          case "modalities" ->
              value.isArray() && value.size() == 1 && value.path(0).asText().equals("text");
          case "verbosity" -> value.asText().equals("medium");
          default -> false;
        };
  }

  private static List<Tool> tools(ObjectNode json) {
    var tools = new ArrayList<Tool>();
    for (var tool : json.path("tools")) {
      if (!tool.path("type").asText().equals("function")) {
        throw UnsupportedCallException.untranslatable("tools");
      }
      tools.add(tool(tool.path("function")));
    }
    for (var function : json.path("functions")) {
      tools.add(tool(function));
    }
    return tools;
  }

  private static Tool tool(JsonNode function) {
    var parameters = function.path("parameters");
    return new Tool(
        function.path("name").asText(),
        Trees.textOrNull(function.path("description")),
        parameters.isObject() ? parameters : null,
        Parameters.bool(function, "strict"));
  }

  private static @Nullable ToolChoice toolChoice(ObjectNode json) {
    var name = json.hasNonNull("tool_choice") ? "tool_choice" : "function_call";
    var choice = json.path(name);
    if (choice.isMissingNode() || choice.isNull()) {
      return null;
    }
    if (choice.isTextual()) {
      return switch (choice.textValue()) {
        case "auto" -> new ToolChoice.Auto();
        case "none" -> new ToolChoice.None();
        case "required", "any" -> new ToolChoice.Required();
        default -> throw UnsupportedCallException.untranslatable(name);
      };
    }
    var named = name.equals("function_call") ? choice : choice.path("function");
    var type = choice.path("type").asText("function");
    var tool = Trees.nonEmptyOrNull(named.path("name"));
    if (!type.equals("function") || tool == null) {
      throw UnsupportedCallException.untranslatable(name);
    }
    return new ToolChoice.Named(tool);
  }

  private static OutputFormat format(ObjectNode json) {
    var format = json.path("response_format");
    if (format.isMissingNode() || format.isNull()) {
      return new OutputFormat.Text();
    }
    return switch (format.path("type").asText()) {
      case "text" -> new OutputFormat.Text();
      case "json_object" -> new OutputFormat.JsonObject();
      case "json_schema" -> {
        var schema = format.path("json_schema");
        yield schema.path("schema").isObject()
            ? new OutputFormat.JsonSchema(
                schema.path("name").asText("answer"),
                schema.get("schema"),
                Parameters.bool(schema, "strict"))
            : new OutputFormat.JsonObject();
      }
      default -> throw UnsupportedCallException.untranslatable("response_format");
    };
  }

  private static @Nullable Long limit(ObjectNode json) {
    var limit = Parameters.whole(json, "max_completion_tokens");
    return limit == null ? Parameters.whole(json, "max_tokens") : limit;
  }

  private static int choices(ObjectNode json) {
    var choices = Parameters.whole(json, "n");
    return choices == null ? 1 : Math.clamp(choices, 1, Integer.MAX_VALUE);
  }

  private static List<String> stop(JsonNode stop) {
    if (stop.isTextual()) {
      return List.of(stop.textValue());
    }
    var texts = new ArrayList<String>();
    for (var text : stop) {
      if (!text.isTextual()) {
        throw UnsupportedCallException.untranslatable("stop");
      }
      texts.add(text.textValue());
    }
    return texts;
  }

  /** OpenAI's word for it, or OpenRouter's object. */
  private static @Nullable Reasoning reasoning(ObjectNode json) {
    var effort = Trees.textOrNull(json.path("reasoning_effort"));
    if (effort != null) {
      return new Reasoning(effort, null, null);
    }
    var object = json.path("reasoning");
    if (!object.isObject()) {
      return null;
    }
    effort = Trees.textOrNull(object.path("effort"));
    var budget = effort == null ? Parameters.whole(object, "max_tokens") : null;
    if (effort == null && budget == null) {
      var enabled = Parameters.bool(object, "enabled");
      effort = enabled == null ? null : enabled ? "medium" : "none";
    }
    var hidden = Parameters.bool(object, "exclude");
    return effort == null && budget == null
        ? null
        : new Reasoning(effort, budget, hidden == null ? null : !hidden);
  }

  private static @Nullable BigDecimal nonZero(@Nullable BigDecimal number) {
    return number == null || number.signum() == 0 ? null : number;
  }
}
