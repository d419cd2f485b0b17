package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Message.Output;

/** Writes whole answers for callers. */
final class AnswerWriter {

  private AnswerWriter() {}

  /** Messages knows one answer only: the first. */
  static byte[] write(Answer answer) {
    var choice = answer.choices().getFirst();
    var message = start(MessageIds.of(answer.id(), answer.createdAt()), answer.model());
    var content = (ArrayNode) message.path("content");
    for (var output : choice.outputs()) {
      add(content, output);
    }
    message.put(
        "stop_reason",
        StopReasons.word(choice.finish(), choice.nativeFinish(), choice.stopSequence()));
    message.put("stop_sequence", choice.stopSequence());
    var usage = AnthropicUsage.json(answer.usage());
    if (answer.serviceTier() != null) {
      usage.put("service_tier", answer.serviceTier());
    }
    message.set("usage", usage);
    return Trees.bytes(message);
  }

  /** An answer of which nothing is said yet. */
  static ObjectNode start(String id, String model) {
    var message = Trees.object();
    message.put("id", id);
    message.put("type", "message");
    message.put("role", "assistant");
    message.put("model", model);
    message.putArray("content");
    message.putNull("stop_reason");
    message.putNull("stop_sequence");
    return message;
  }

  private static void add(ArrayNode content, Output output) {
    switch (output) {
      case Output.Said(var text) -> addText(content, text);
      case Output.Refused(var text) -> addText(content, text);
      case Output.Thought thought -> content.add(thought(thought));
      case Output.Called called -> {
        if (called.state() != null) {
          content.add(redacted(new SealedState(SealedState.OF_CALL, called.state(), called.id())));
        }
        var block = Trees.typed("tool_use").put("id", called.id());
        block.put("name", called.name());
        block.set("input", Blocks.input(called.arguments()));
        content.add(block);
      }
    }
  }

  private static void addText(ArrayNode content, String text) {
    if (!text.isEmpty()) {
      content.add(Trees.typed("text").put("text", text));
    }
  }

  private static ObjectNode thought(Output.Thought thought) {
    if (thought.provider().equals(AnswerReader.NAME)
        && thought.state() instanceof ObjectNode block) {
      return block;
    }
    var sealed = new SealedState(thought.provider(), thought.state(), null);
    return thought.text() == null
        ? redacted(sealed)
        : Trees.typed("thinking").put("thinking", thought.text()).put("signature", sealed.seal());
  }

  static ObjectNode redacted(SealedState sealed) {
    return Trees.typed("redacted_thinking").put("data", sealed.seal());
  }
}
