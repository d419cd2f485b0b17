package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.canonical.Prompt.Reasoning;
import io.penstock.worker.dialect.canonical.Prompt.Sampling;
import io.penstock.worker.dialect.canonical.Prompt.Tool;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads callers' requests. */
final class PromptReader {

  /** What has a place in a prompt, or none anywhere but here. */
  private static final Set<String> KNOWN =
      Set.of(
          "model",
          "messages",
          "system",
          "max_tokens",
          "metadata",
          "stop_sequences",
          "stream",
          "temperature",
          "top_p",
          "top_k",
          "tools",
          "tool_choice",
          "thinking",
          "output_config",
          "output_format",
          "service_tier",
          "cache_control");

  /** Anthropic's formats have no name; other dialects demand one. */
  private static final String FORMAT_NAME = "answer";

  private PromptReader() {}

  /**
   * Reads a request.
   *
   * @throws UnsupportedCallException when it is none, or holds blocks of Anthropic's own tools
   */
  static Prompt read(byte[] json) {
    var body = object(json);
    var config = body.path("output_config");
    return new Prompt(
        new ConversationReader().read(body),
        tools(body.path("tools")),
        toolChoice(body.path("tool_choice")),
        parallel(body.path("tool_choice")),
        format(config.path("format"), body.path("output_format")),
        whole(body.path("max_tokens")),
        new Sampling(
            decimal(body.path("temperature")),
            decimal(body.path("top_p")),
            whole(body.path("top_k")),
            null,
            null,
            null),
        stop(body.path("stop_sequences")),
        1,
        reasoning(body.path("thinking"), Trees.textOrNull(config.path("effort"))),
        Trees.textOrNull(body.path("metadata").path("user_id")),
        serviceTier(Trees.textOrNull(body.path("service_tier"))),
        body.path("stream").asBoolean(),
        extras(body));
  }

  private static ObjectNode object(byte[] json) {
    try {
      if (Trees.read(json) instanceof ObjectNode object) {
        return object;
      }
      throw new UnsupportedCallException("the body is not a JSON object");
    } catch (IOException e) {
      throw new UnsupportedCallException("the body is not JSON", e);
    }
  }

  private static List<Tool> tools(JsonNode tools) {
    var own = new ArrayList<Tool>();
    for (var tool : tools) {
      if (!isServed(tool)) {
        own.add(
            new Tool(
                tool.path("name").asText(),
                Trees.textOrNull(tool.path("description")),
                tool.get("input_schema"),
                tool.path("strict").isBoolean()
                    ? (Boolean) tool.path("strict").asBoolean()
                    : null));
      }
    }
    return own;
  }

  /** Whether a tool is Anthropic's own, such as {@code web_search_20250305}. */
  private static boolean isServed(JsonNode tool) {
    var type = Trees.textOrNull(tool.path("type"));
    return type != null && !type.equals("custom");
  }

  private static @Nullable ToolChoice toolChoice(JsonNode choice) {
    return switch (choice.path("type").asText()) {
      case "auto" -> new ToolChoice.Auto();
      case "none" -> new ToolChoice.None();
      case "any" -> new ToolChoice.Required();
      case "tool" -> new ToolChoice.Named(choice.path("name").asText());
      default -> null;
    };
  }

  private static @Nullable Boolean parallel(JsonNode choice) {
    var disabled = choice.path("disable_parallel_tool_use");
    return disabled.isBoolean() ? (Boolean) !disabled.booleanValue() : null;
  }

  private static OutputFormat format(JsonNode format, JsonNode formerly) {
    var chosen = format.isObject() ? format : formerly;
    var schema = chosen.get("schema");
    return schema != null && chosen.path("type").asText().equals("json_schema")
        ? new OutputFormat.JsonSchema(FORMAT_NAME, schema, true)
        : new OutputFormat.Text();
  }

  private static @Nullable Reasoning reasoning(JsonNode thinking, @Nullable String effort) {
    var shown =
        switch (thinking.path("display").asText()) {
          case "summarized" -> Boolean.TRUE;
          case "omitted" -> Boolean.FALSE;
          default -> null;
        };
    return switch (thinking.path("type").asText()) {
      case "disabled" -> new Reasoning("none", null, shown);
      case "enabled" -> new Reasoning(null, whole(thinking.path("budget_tokens")), shown);
      // Anthropic's default
      case "adaptive" -> new Reasoning(effort == null ? "high" : effort, null, shown);
      default -> effort == null ? null : new Reasoning(effort, null, shown);
    };
  }

  private static List<String> stop(JsonNode sequences) {
    var texts = new ArrayList<String>();
    sequences.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** In the words of other dialects: capacity that was bought ahead, or not. */
  private static @Nullable String serviceTier(@Nullable String tier) {
    return "standard_only".equals(tier) ? "default" : tier;
  }

  private static Map<String, JsonNode> extras(ObjectNode body) {
    var extras = new HashMap<String, JsonNode>();
    body.properties()
        .forEach(
            field -> {
              if (!KNOWN.contains(field.getKey()) && !field.getValue().isNull()) {
                extras.put(field.getKey(), field.getValue());
              }
            });
    body.path("output_config")
        .properties()
        .forEach(
            field -> {
              if (!field.getKey().equals("format")
                  && !field.getKey().equals("effort")
                  && !field.getValue().isNull()) {
                extras.put(RequestWriter.CONFIG + field.getKey(), field.getValue());
              }
            });
    var served = Trees.NODES.arrayNode();
    if (body.path("tools") instanceof ArrayNode tools) {
      tools.forEach(
          tool -> {
            if (isServed(tool)) {
              served.add(tool);
            }
          });
    }
    if (!served.isEmpty()) {
      extras.put("tools", served);
    }
    return extras;
  }

  private static @Nullable BigDecimal decimal(JsonNode number) {
    return number.isNumber() ? number.decimalValue() : null;
  }

  private static @Nullable Long whole(JsonNode number) {
    return number.isIntegralNumber() && number.canConvertToLong() ? number.longValue() : null;
  }
}
