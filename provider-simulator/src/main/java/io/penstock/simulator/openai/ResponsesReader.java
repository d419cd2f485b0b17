package io.penstock.simulator.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Chat;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.inference.InferenceRequest.Unusable;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.inference.TextDigest;
import io.penstock.simulator.inference.Tokens;
import io.penstock.simulator.inference.ToolChoice;
import io.penstock.simulator.inference.Wishes;
import io.penstock.simulator.inference.Wishes.Wish;
import io.penstock.simulator.json.JsonTree;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the body of a response. */
final class ResponsesReader {
  private final JsonNode body;
  private final TextDigest system = new TextDigest();
  private final TextDigest conversation = new TextDigest();
  private TextDigest beforeLast = conversation.copy();
  private int promptTokens = Tokens.PER_PROMPT;
  private String lastText = "";
  private String lastRole = "user";

  private ResponsesReader(JsonNode body) {
    this.body = body;
  }

  static InferenceRequest parse(byte[] bytes) {
    var body = JsonTree.object(bytes);
    return body.isEmpty()
        ? new Unusable("", Problem.notJson())
        : new ResponsesReader(body.get()).read();
  }

  private InferenceRequest read() {
    var model = body.path("model").asText("");
    if (model.isEmpty()) {
      return new Unusable(model, Problem.modelMissing());
    }
    if (!body.hasNonNull("input")) {
      return new Unusable(model, Problem.parameterMissing("input"));
    }
    var instructions = body.path("instructions").asText("");
    system.add(instructions);
    promptTokens += Tokens.ofBytes(system.bytes());
    readInput(body.get("input"));
    boolean endsWithAnswer = lastRole.equals("assistant");
    int bound = body.path("max_output_tokens").asInt(0);
    return new Chat(
        model,
        promptTokens,
        system.hashWith(endsWithAnswer ? beforeLast : conversation),
        bound > 0 ? OptionalInt.of(bound) : OptionalInt.empty(),
        1,
        body.path("stream").asBoolean() ? Delivery.STREAM_WITH_USAGE : Delivery.WHOLE,
        wishes(endsWithAnswer ? lastText : ""));
  }

  private void readInput(JsonNode input) {
    if (input.isTextual()) {
      lastText = input.asText();
      conversation.add(lastText);
      promptTokens += Tokens.PER_MESSAGE + Tokens.ofBytes(conversation.bytes());
      return;
    }
    for (var item : input) {
      long before = system.bytes() + conversation.bytes();
      beforeLast = conversation.copy();
      readItem(item);
      long bytes = system.bytes() + conversation.bytes() - before;
      promptTokens += Tokens.PER_MESSAGE + Tokens.ofBytes(bytes);
    }
  }

  private void readItem(JsonNode item) {
    switch (item.path("type").asText("message")) {
      case "message" -> {
        lastRole = item.path("role").asText("user");
        lastText = ChatReader.text(item.path("content"));
        boolean instructs = lastRole.equals("system") || lastRole.equals("developer");
        (instructs ? system : conversation).add(lastText);
      }
      case "function_call_output" -> {
        lastRole = "tool";
        lastText = "";
        conversation.add(ChatReader.text(item.path("output")));
      }
      case "function_call" -> {
        lastRole = "call";
        conversation.count(item.path("arguments").asText("").length());
      }
      default -> lastRole = "other";
    }
  }

  private Wishes wishes(String prefix) {
    var also = EnumSet.noneOf(Wish.class);
    var format = body.path("text").path("format");
    if (format.path("type").asText().equals("json_object")) {
      also.add(Wish.JSON);
    }
    var effort = body.path("reasoning").path("effort").asText("");
    if (!effort.isEmpty() && !effort.equals("none")) {
      also.add(Wish.REASONING);
    }
    if (body.path("reasoning").hasNonNull("summary")) {
      also.add(Wish.REASONING_SHOWN);
    }
    if (body.has("parallel_tool_calls") && !body.get("parallel_tool_calls").asBoolean(true)) {
      also.add(Wish.ONE_TOOL_CALL);
    }
    var tools = ChatReader.tools(body.path("tools"));
    var turn = lastRole.equals("tool") ? ToolChoice.Turn.TOOL_ANSWERED : ToolChoice.Turn.ASKED;
    return new Wishes(
        prefix,
        tools,
        ChatReader.toolChoice(body.path("tool_choice")).among(tools, lastText, turn),
        Optional.of(format.path("schema")).filter(JsonNode::isObject),
        also);
  }
}
