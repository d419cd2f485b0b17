package io.penstock.simulator.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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

/** Reads the body of a message, and refuses what Anthropic is known to refuse. */
final class MessagesReader {
  private final JsonNode body;
  private final TextDigest system = new TextDigest();
  private final TextDigest conversation = new TextDigest();
  private TextDigest beforeLast = conversation.copy();
  private int promptTokens = Tokens.PER_PROMPT;

  private MessagesReader(JsonNode body) {
    this.body = body;
  }

  static InferenceRequest parse(byte[] bytes) {
    var body = JsonTree.object(bytes);
    if (body.isEmpty()) {
      return new Unusable("", invalid("The request body is not valid JSON"));
    }
    var model = body.get().path("model").asText("");
    var wrong = wrong(body.get());
    return wrong.isPresent()
        ? new Unusable(model, invalid(wrong.get()))
        : new MessagesReader(body.get()).read(model);
  }

  private static Problem invalid(String message) {
    return new Problem(400, message, null, null, null);
  }

  private static Optional<String> wrong(JsonNode body) {
    if (!body.path("model").isTextual()) {
      return Optional.of("model: Field required");
    }
    if (!body.path("max_tokens").isIntegralNumber()) {
      return Optional.of("max_tokens: Field required");
    }
    if (body.get("max_tokens").asLong() < 1) {
      return Optional.of("max_tokens: Input should be greater than or equal to 1");
    }
    var messages = body.path("messages");
    if (!messages.isArray()) {
      return Optional.of("messages: Field required");
    }
    if (messages.isEmpty()) {
      return Optional.of("messages: at least one message is required");
    }
    for (int index = 0; index < messages.size(); index++) {
      var role = messages.get(index).path("role").asText();
      if (!role.equals("user") && !role.equals("assistant")) {
        return Optional.of("messages." + index + ".role: Input should be 'user' or 'assistant'");
      }
      for (var block : messages.get(index).path("content")) {
        if (block.path("type").asText().equals("text") && block.path("text").asText("").isBlank()) {
          return Optional.of("messages: text content blocks must contain non-whitespace text");
        }
      }
    }
    var last = messages.get(messages.size() - 1);
    if (last.path("role").asText().equals("assistant")) {
      var text = text(last.path("content"));
      if (!text.equals(text.stripTrailing())) {
        return Optional.of("messages: final assistant content cannot end with trailing whitespace");
      }
    }
    return unanswered(messages);
  }

  /** Every tool call must be answered in the message after it. */
  private static Optional<String> unanswered(JsonNode messages) {
    for (int index = 0; index + 1 < messages.size(); index++) {
      for (var block : messages.get(index).path("content")) {
        if (!block.path("type").asText().equals("tool_use")) {
          continue;
        }
        var id = block.path("id").asText();
        boolean answered = false;
        for (var answer : messages.get(index + 1).path("content")) {
          answered |= answer.path("tool_use_id").asText().equals(id);
        }
        if (!answered) {
          return Optional.of(
              "messages."
                  + index
                  + ": `tool_use` ids were found without `tool_result` blocks immediately after: "
                  + id);
        }
      }
    }
    return Optional.empty();
  }

  private InferenceRequest read(String model) {
    system.add(text(body.path("system")));
    promptTokens += Tokens.ofBytes(system.bytes());
    for (var message : body.get("messages")) {
      long before = conversation.bytes();
      beforeLast = conversation.copy();
      read(message.path("content"));
      promptTokens += Tokens.PER_MESSAGE + Tokens.ofBytes(conversation.bytes() - before);
    }
    var last = body.get("messages").get(body.get("messages").size() - 1);
    boolean endsWithAnswer = last.path("role").asText().equals("assistant");
    return new Chat(
        model,
        promptTokens,
        system.hashWith(endsWithAnswer ? beforeLast : conversation),
        OptionalInt.of((int) Math.min(1_000_000, body.get("max_tokens").asLong())),
        1,
        body.path("stream").asBoolean() ? Delivery.STREAM_WITH_USAGE : Delivery.WHOLE,
        wishes(last, endsWithAnswer));
  }

  private void read(JsonNode content) {
    if (content.isTextual()) {
      conversation.add(content.asText());
      return;
    }
    for (var block : content) {
      switch (block.path("type").asText()) {
        case "text" -> conversation.add(block.path("text").asText(""));
        case "tool_result" -> conversation.add(text(block.path("content")));
        default -> conversation.count(block.toString().length());
      }
    }
  }

  private Wishes wishes(JsonNode last, boolean endsWithAnswer) {
    var also = EnumSet.noneOf(Wish.class);
    var thinking = body.path("thinking").path("type").asText("disabled");
    if (!thinking.equals("disabled")) {
      also.add(Wish.REASONING);
      also.add(Wish.REASONING_SHOWN);
    }
    var choice = body.path("tool_choice");
    if (choice.path("disable_parallel_tool_use").asBoolean()) {
      also.add(Wish.ONE_TOOL_CALL);
    }
    var tools = tools();
    boolean toolAnswered = false;
    for (var block : last.path("content")) {
      toolAnswered |= block.path("type").asText().equals("tool_result");
    }
    var text = text(last.path("content"));
    return new Wishes(
        endsWithAnswer ? text : "",
        tools,
        toolChoice(choice)
            .among(
                tools, text, toolAnswered ? ToolChoice.Turn.TOOL_ANSWERED : ToolChoice.Turn.ASKED),
        Optional.of(body.path("output_config").path("format").path("schema"))
            .filter(JsonNode::isObject),
        also);
  }

  private List<Tool> tools() {
    var tools = new ArrayList<Tool>();
    for (var tool : body.path("tools")) {
      if (tool.has("name") && tool.has("input_schema")) {
        var schema = tool.get("input_schema");
        tools.add(
            new Tool(
                tool.get("name").asText(),
                schema.isObject() ? schema : JsonNodeFactory.instance.objectNode()));
      }
    }
    return tools;
  }

  private static ToolChoice toolChoice(JsonNode choice) {
    return switch (choice.path("type").asText("auto")) {
      case "none" -> new ToolChoice.None();
      case "any" -> new ToolChoice.Any();
      case "tool" -> new ToolChoice.Named(choice.path("name").asText());
      default -> new ToolChoice.Auto();
    };
  }

  /** The text of a string or of its text blocks. */
  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.asText();
    }
    var text = new StringBuilder();
    content.forEach(block -> text.append(block.path("text").asText("")));
    return text.toString();
  }
}
