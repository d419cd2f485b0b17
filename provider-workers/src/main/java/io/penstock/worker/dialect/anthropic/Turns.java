package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Message.Part;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A conversation as Anthropic wants it: instructions apart, user and assistant by turns, the
 * results of all calls of a turn together at the head of the next. Used by one thread.
 */
final class Turns {

  private final ArrayNode system = Trees.NODES.arrayNode();
  private final ArrayNode messages = Trees.NODES.arrayNode();
  private final ToolIds ids = new ToolIds();
  private final boolean signed;
  private final boolean laterInstructions;

  private ArrayNode results = Trees.NODES.arrayNode();
  private ArrayNode said = Trees.NODES.arrayNode();
  private ArrayNode instructed = Trees.NODES.arrayNode();

  private Turns(ClaudeModel model, Endpoint endpoint) {
    this.signed = endpoint.host().endsWith("anthropic.com");
    this.laterInstructions = model.takesLaterInstructions();
  }

  /**
   * The turns of a conversation.
   *
   * @param endpoint Anthropic itself refuses thoughts that it did not sign; others do not sign
   * @throws UnsupportedCallException when it holds a part that Anthropic has no block for
   */
  static Turns of(List<Message> conversation, ClaudeModel model, Endpoint endpoint) {
    var turns = new Turns(model, endpoint);
    conversation.forEach(turns::add);
    turns.endUserTurn();
    turns.speakInstructionsIfAlone();
    turns.trimBeginning();
    return turns;
  }

  /** Text blocks of the instructions. */
  ArrayNode system() {
    return system;
  }

  /** The messages. */
  ArrayNode messages() {
    return messages;
  }

  /** Whether the model has to go on from an own beginning. */
  boolean endsWithAssistant() {
    return !messages.isEmpty() && isAssistant(messages.get(messages.size() - 1));
  }

  /**
   * Whether the model has to go on after results of calls that it made without a thought that
   * Anthropic knows: with a budget for thinking that is refused.
   */
  boolean goesOnWithoutThought() {
    var last = messages.size() - 1;
    if (last < 1 || !"tool_result".equals(typeOfFirst(messages.get(last)))) {
      return false;
    }
    var first = typeOfFirst(messages.get(last - 1));
    return !first.equals("thinking") && !first.equals("redacted_thinking");
  }

  private static String typeOfFirst(JsonNode message) {
    return message.path("content").path(0).path("type").asText();
  }

  private void add(Message message) {
    switch (message) {
      case Message.Instructions(var parts) -> instructions(parts);
      case Message.User(var parts) -> {
        sayInstructions();
        parts.forEach(part -> addIfAny(said, Blocks.of(part)));
      }
      case Message.ToolResult result -> {
        sayInstructions();
        results.add(result(result));
      }
      case Message.Assistant(var outputs) -> assistant(outputs);
    }
  }

  private void instructions(List<Part> parts) {
    var turn = !results.isEmpty() || !said.isEmpty();
    var leading = messages.isEmpty() && !turn;
    parts.forEach(part -> addIfAny(leading ? system : instructed, Blocks.of(part)));
    if (!laterInstructions || !turn) {
      sayInstructions();
    }
  }

  /**
   * Puts instructions into the user's mouth where they may not stand by themselves, which is
   * everywhere but at the end of the user's turn: to move them would change their sense.
   */
  private void sayInstructions() {
    for (var block : instructed) {
      if (block instanceof ObjectNode text && text.path("text").isTextual()) {
        text.put("text", "<system>\n" + text.path("text").textValue() + "\n</system>");
      }
    }
    said.addAll(instructed);
    instructed = Trees.NODES.arrayNode();
  }

  private ObjectNode result(Message.ToolResult result) {
    var block = Trees.typed("tool_result").put("tool_use_id", ids.ofResult(result.callId()));
    var content = Trees.NODES.arrayNode();
    result.parts().forEach(part -> addIfAny(content, Blocks.of(part)));
    if (!content.isEmpty()) {
      block.set("content", content);
    }
    if (result.error()) {
      block.put("is_error", true);
    }
    return block;
  }

  private void assistant(List<Output> outputs) {
    var blocks = Trees.NODES.arrayNode();
    outputs.forEach(output -> addIfAny(blocks, block(output)));
    if (blocks.isEmpty()) {
      return;
    }
    endUserTurn();
    if (endsWithAssistant()) {
      ((ArrayNode) messages.get(messages.size() - 1).path("content")).addAll(blocks);
      return;
    }
    append("assistant", blocks);
  }

  private @Nullable ObjectNode block(Output output) {
    return switch (output) {
      case Output.Said(var text) -> Blocks.text(text, null);
      case Output.Refused(var text) -> Blocks.text(text, null);
      case Output.Thought thought -> thought(thought);
      case Output.Called called -> {
        var block = Trees.typed("tool_use").put("id", ids.ofCall(called.id()));
        block.put("name", called.name());
        block.set("input", Blocks.input(called.arguments()));
        yield block;
      }
    };
  }

  /** Other providers' thoughts would be refused. */
  private @Nullable ObjectNode thought(Output.Thought thought) {
    if (!thought.provider().equals(AnswerReader.NAME)
        || !(thought.state() instanceof ObjectNode block)) {
      return null;
    }
    var unsigned =
        block.path("type").asText().equals("thinking")
            && Trees.nonEmptyOrNull(block.path("signature")) == null;
    return unsigned && signed ? null : block.deepCopy();
  }

  private void endUserTurn() {
    if (results.isEmpty() && said.isEmpty()) {
      return;
    }
    append("user", results.addAll(said));
    results = Trees.NODES.arrayNode();
    said = Trees.NODES.arrayNode();
    if (!instructed.isEmpty()) {
      append("system", instructed);
      instructed = Trees.NODES.arrayNode();
    }
  }

  private void append(String role, ArrayNode content) {
    var message = Trees.object().put("role", role);
    message.set("content", content);
    messages.add(message);
  }

  /** Anthropic does not answer instructions alone. */
  private void speakInstructionsIfAlone() {
    if (messages.isEmpty() && !system.isEmpty()) {
      append("user", system.deepCopy());
      system.removeAll();
    }
    if (messages.isEmpty()) {
      throw new UnsupportedCallException("the messages hold nothing to answer");
    }
  }

  /** Anthropic refuses a beginning that ends with white space. */
  private void trimBeginning() {
    if (!endsWithAssistant()) {
      return;
    }
    var content = (ArrayNode) messages.get(messages.size() - 1).path("content");
    if (content.get(content.size() - 1) instanceof ObjectNode last
        && last.path("text").isTextual()) {
      last.put("text", last.path("text").textValue().stripTrailing());
    }
  }

  private static boolean isAssistant(JsonNode message) {
    return message.path("role").asText().equals("assistant");
  }

  private static void addIfAny(ArrayNode blocks, @Nullable ObjectNode block) {
    if (block != null) {
      blocks.add(block);
    }
  }
}
