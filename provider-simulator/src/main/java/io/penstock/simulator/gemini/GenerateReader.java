package io.penstock.simulator.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.penstock.simulator.dialect.Target;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Chat;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.inference.InferenceRequest.Unusable;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.inference.TextDigest;
import io.penstock.simulator.inference.Tokens;
import io.penstock.simulator.inference.ToolChoice;
import io.penstock.simulator.inference.Wishes;
import io.penstock.simulator.inference.Wishes.Tool;
import io.penstock.simulator.inference.Wishes.Wish;
import io.penstock.simulator.json.JsonTree;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the body of generateContent, and refuses what Gemini is known to refuse. */
final class GenerateReader {
  private final JsonNode body;
  private final TextDigest system = new TextDigest();
  private final TextDigest conversation = new TextDigest();
  private TextDigest beforeLast = conversation.copy();
  private int promptTokens = Tokens.PER_PROMPT;

  private GenerateReader(JsonNode body) {
    this.body = body;
  }

  static InferenceRequest parse(byte[] bytes, Target target) {
    var model = target.model().orElse("");
    var body = JsonTree.object(bytes);
    if (body.isEmpty()) {
      return new Unusable(model, invalid("Invalid JSON payload received."));
    }
    var contents = body.get().path("contents");
    if (!contents.isArray() || contents.isEmpty()) {
      return new Unusable(
          model, invalid("* GenerateContentRequest.contents: contents is not specified\n"));
    }
    for (int index = 0; index < contents.size(); index++) {
      if (contents.get(index).path("parts").isEmpty()) {
        return new Unusable(
            model,
            invalid(
                "* GenerateContentRequest.contents["
                    + index
                    + "].parts: contents.parts must not be empty.\n"));
      }
    }
    return new GenerateReader(body.get()).read(model, target.delivery().orElse(Delivery.WHOLE));
  }

  private static Problem invalid(String message) {
    return new Problem(400, message, null, null, null);
  }

  private InferenceRequest read(String model, Delivery delivery) {
    for (var part : body.path("systemInstruction").path("parts")) {
      system.add(part.path("text").asText(""));
    }
    promptTokens += Tokens.ofBytes(system.bytes());
    for (var content : body.get("contents")) {
      long before = conversation.bytes();
      beforeLast = conversation.copy();
      content.path("parts").forEach(this::readPart);
      promptTokens += Tokens.PER_MESSAGE + Tokens.ofBytes(conversation.bytes() - before);
    }
    var last = body.get("contents").get(body.get("contents").size() - 1);
    boolean endsWithAnswer = last.path("role").asText().equals("model");
    var generation = body.path("generationConfig");
    int bound = generation.path("maxOutputTokens").asInt(0);
    return new Chat(
        model,
        promptTokens,
        system.hashWith(endsWithAnswer ? beforeLast : conversation),
        bound > 0 ? OptionalInt.of(bound) : OptionalInt.empty(),
        Math.clamp(generation.path("candidateCount").asInt(1), 1, 8),
        delivery,
        wishes(generation, last, endsWithAnswer));
  }

  private void readPart(JsonNode part) {
    if (part.has("text")) {
      if (!part.path("thought").asBoolean()) {
        conversation.add(part.get("text").asText());
      }
      return;
    }
    if (part.has("functionResponse")) {
      // The result of a tool, which must be an object here and is a text elsewhere.
      part.get("functionResponse")
          .path("response")
          .forEach(
              value -> conversation.add(value.isTextual() ? value.asText() : value.toString()));
      return;
    }
    conversation.count(part.toString().length());
  }

  private Wishes wishes(JsonNode generation, JsonNode last, boolean endsWithAnswer) {
    var also = EnumSet.noneOf(Wish.class);
    var thinking = generation.path("thinkingConfig");
    if (thinking.has("thinkingLevel") || thinking.path("thinkingBudget").asInt(0) != 0) {
      also.add(Wish.REASONING);
    }
    if (thinking.path("includeThoughts").asBoolean()) {
      also.add(Wish.REASONING);
      also.add(Wish.REASONING_SHOWN);
    }
    if (generation.path("responseMimeType").asText().equals("application/json")) {
      also.add(Wish.JSON);
    }
    var tools = tools();
    var text = new StringBuilder();
    boolean toolAnswered = false;
    for (var part : last.path("parts")) {
      text.append(part.path("text").asText(""));
      toolAnswered |= part.has("functionResponse");
    }
    var turn = toolAnswered ? ToolChoice.Turn.TOOL_ANSWERED : ToolChoice.Turn.ASKED;
    return new Wishes(
        endsWithAnswer ? text.toString() : "",
        tools,
        toolChoice().among(tools, text.toString(), turn),
        Optional.of(generation.path("responseJsonSchema"))
            .filter(JsonNode::isObject)
            .or(() -> Optional.of(generation.path("responseSchema")).filter(JsonNode::isObject)),
        also);
  }

  private List<Tool> tools() {
    var tools = new ArrayList<Tool>();
    for (var group : body.path("tools")) {
      for (var function : group.path("functionDeclarations")) {
        var schema =
            function.has("parametersJsonSchema")
                ? function.get("parametersJsonSchema")
                : function.path("parameters");
        tools.add(
            new Tool(
                function.path("name").asText(),
                schema.isObject() ? schema : JsonNodeFactory.instance.objectNode()));
      }
    }
    return tools;
  }

  private ToolChoice toolChoice() {
    var config = body.path("toolConfig").path("functionCallingConfig");
    var allowed = config.path("allowedFunctionNames");
    return switch (config.path("mode").asText("AUTO")) {
      case "NONE" -> new ToolChoice.None();
      case "ANY" ->
          allowed.size() == 1
              ? new ToolChoice.Named(allowed.get(0).asText())
              : new ToolChoice.Any();
      default -> new ToolChoice.Auto();
    };
  }
}
