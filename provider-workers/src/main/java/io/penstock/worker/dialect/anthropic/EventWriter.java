package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.CallerDialect.StreamWriter;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one stream for a caller: blocks one after the other, each begun, continued and ended. Used
 * by one thread.
 */
final class EventWriter implements StreamWriter {

  /** What the block is that has begun and has not ended. */
  private enum Open {
    NONE,
    TEXT,
    THINKING,
    TOOL
  }

  private final StreamStart from;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<Integer, Integer> blockOfTool = new HashMap<>();

  private String answerId;
  private String model;
  private int events;
  private boolean begun;
  private Open open;
  private int block;
  private int openTool = -1;
  private boolean argued;
  private StreamEvent.@Nullable Finished finished;
  private @Nullable TokenUsage usage;

  EventWriter(StreamStart from) {
    this.from = from;
    this.answerId = from.answerId();
    this.model = from.model();
    this.events = from.events();
    this.begun = from.events() > 0;
    // only text is gone on with, and only inside its block
    this.open = begun && !from.text().isEmpty() ? Open.TEXT : Open.NONE;
  }

  @Override
  public byte[] write(StreamEvent event) {
    out.reset();
    switch (event) {
      case StreamEvent.Started started -> start(started);
      case StreamEvent.Text text -> text(text.choice(), text.text());
      case StreamEvent.Refusal refusal -> text(refusal.choice(), refusal.text());
      case StreamEvent.Thought thought -> thought(thought);
      case StreamEvent.ThoughtState state -> thoughtState(state);
      case StreamEvent.ToolStarted tool -> toolStarted(tool);
      case StreamEvent.ToolArguments arguments -> toolArguments(arguments);
      case StreamEvent.Finished last -> {
        if (last.choice() == 0) {
          close();
          finished = last;
        }
      }
      case StreamEvent.Used(var counts) -> usage = counts;
      case StreamEvent.Ended _ -> end();
      case StreamEvent.Broken _ -> {}
    }
    return out.toByteArray();
  }

  @Override
  public String answerId() {
    return answerId;
  }

  @Override
  public String model() {
    return model;
  }

  @Override
  public int events() {
    return events;
  }

  private void start(StreamEvent.Started started) {
    if (answerId.isEmpty()) {
      answerId = MessageIds.of(started.id(), from.at());
    }
    if (model.isEmpty()) {
      model = started.model();
    }
    begin();
  }

  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    if (answerId.isEmpty()) {
      answerId = MessageIds.of("", from.at());
    }
    var message = AnswerWriter.start(answerId, model);
    // what is known of tokens comes in the end
    message.set("usage", Trees.object().put("input_tokens", 0).put("output_tokens", 0));
    var event = Trees.typed("message_start");
    event.set("message", message);
    send(event);
  }

  private void text(int choice, String text) {
    if (choice != 0 || text.isEmpty()) {
      return;
    }
    if (open != Open.TEXT) {
      open(Open.TEXT, Trees.typed("text").put("text", ""));
    }
    delta(block, Trees.typed("text_delta").put("text", text));
  }

  private void thought(StreamEvent.Thought thought) {
    if (thought.choice() != 0 || thought.text().isEmpty()) {
      return;
    }
    openThinking();
    delta(block, Trees.typed("thinking_delta").put("thinking", thought.text()));
  }

  private void openThinking() {
    if (open != Open.THINKING) {
      open(Open.THINKING, Trees.typed("thinking").put("thinking", "").put("signature", ""));
    }
  }

  private void thoughtState(StreamEvent.ThoughtState state) {
    if (state.choice() != 0) {
      return;
    }
    var own = state.provider().equals(AnswerReader.NAME);
    var redacted = state.state().path("type").asText().equals("redacted_thinking");
    if ((own && redacted) || (!own && open != Open.THINKING)) {
      whole(
          own
              ? state.state()
              : AnswerWriter.redacted(new SealedState(state.provider(), state.state(), null)));
      return;
    }
    if (own && open != Open.THINKING) {
      // a signature is for this text and no other
      openThinking();
      var text = state.state().path("thinking").asText();
      if (!text.isEmpty()) {
        delta(block, Trees.typed("thinking_delta").put("thinking", text));
      }
    }
    sign(
        own
            ? state.state().path("signature").asText()
            : new SealedState(state.provider(), state.state(), null).seal());
    open = Open.NONE;
    stop();
  }

  private void sign(String signature) {
    delta(block, Trees.typed("signature_delta").put("signature", signature));
  }

  private void toolStarted(StreamEvent.ToolStarted tool) {
    if (tool.choice() != 0) {
      return;
    }
    if (tool.state() != null) {
      whole(AnswerWriter.redacted(new SealedState(SealedState.OF_CALL, tool.state(), tool.id())));
    }
    var start = Trees.typed("tool_use").put("id", tool.id()).put("name", tool.name());
    start.set("input", Trees.object());
    open(Open.TOOL, start);
    blockOfTool.put(tool.tool(), block);
    openTool = tool.tool();
    argued = false;
  }

  private void toolArguments(StreamEvent.ToolArguments arguments) {
    var at = blockOfTool.get(arguments.tool());
    if (arguments.choice() != 0 || at == null || arguments.fragment().isEmpty()) {
      return;
    }
    argued |= arguments.tool() == openTool;
    delta(at, Trees.typed("input_json_delta").put("partial_json", arguments.fragment()));
  }

  private void end() {
    begin();
    close();
    var delta = Trees.object();
    if (finished == null) {
      delta.put("stop_reason", blockOfTool.isEmpty() ? "end_turn" : "tool_use");
      delta.putNull("stop_sequence");
    } else {
      delta.put(
          "stop_reason",
          StopReasons.word(finished.finish(), finished.nativeFinish(), finished.stopSequence()));
      delta.put("stop_sequence", finished.stopSequence());
    }
    var event = Trees.typed("message_delta");
    event.set("delta", delta);
    event.set(
        "usage",
        usage == null ? Trees.object().put("output_tokens", 0) : AnthropicUsage.json(usage));
    send(event);
    send(Trees.typed("message_stop"));
  }

  /** A block that comes at once. */
  private void whole(JsonNode content) {
    open(Open.NONE, content);
    stop();
  }

  private void open(Open kind, JsonNode content) {
    begin();
    close();
    var event = Trees.typed("content_block_start").put("index", block);
    event.set("content_block", content);
    send(event);
    open = kind;
  }

  private void close() {
    switch (open) {
      case NONE -> {
        return;
      }
      case TEXT -> {}
      // clients expect a signature, and who thought so must be known when it comes back
      case THINKING -> sign(new SealedState(SealedState.UNSIGNED, null, null).seal());
      // clients take a call without any piece of arguments for one that never came
      case TOOL -> {
        if (!argued) {
          delta(block, Trees.typed("input_json_delta").put("partial_json", "{}"));
        }
      }
    }
    open = Open.NONE;
    stop();
  }

  private void stop() {
    send(Trees.typed("content_block_stop").put("index", block));
    block++;
  }

  private void delta(int index, ObjectNode delta) {
    var event = Trees.typed("content_block_delta").put("index", index);
    event.set("delta", delta);
    send(event);
  }

  private void send(ObjectNode event) {
    out.writeBytes(
        ("event: " + event.path("type").asText() + "\ndata: ").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(Trees.bytes(event));
    out.write('\n');
    out.write('\n');
    events++;
  }
}
