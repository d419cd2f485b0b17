package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.ServerSentEvent;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The provider's stream, event by event. Used by one thread. */
final class EventReader implements ProviderDialect.StreamReader {

  /** There is only ever one answer. */
  private static final int CHOICE = 0;

  private final Map<Integer, OpenBlock> open = new HashMap<>();
  private final List<StreamEvent> out = new ArrayList<>();

  private ObjectNode usage = Trees.object();
  private int tools;
  private boolean finished;

  /** White space at the end of what is gone on from, as far as it has not come again. */
  private String repeated;

  EventReader(CallAssigned call) {
    this.repeated = trimmedOff(call);
  }

  /**
   * A beginning is sent without the white space at its end, which Anthropic refuses; the model then
   * often writes it itself, and the caller has seen it.
   */
  private static String trimmedOff(CallAssigned call) {
    var continuation = call.getContinuation();
    if (continuation == null || continuation.getBy() != ContinueBy.PREFILL) {
      return "";
    }
    var text =
        StandardCharsets.UTF_8.decode(continuation.getDelivered().getText().duplicate()).toString();
    return text.substring(text.stripTrailing().length());
  }

  @Override
  public List<StreamEvent> read(ServerSentEvent event) {
    out.clear();
    var data = Trees.objectOrNull(event.data());
    if (data == null) {
      out.add(
          new StreamEvent.Broken(
              FailureClassifier.unusable(
                  200, "an event of the stream is not a JSON object", event.data())));
    } else if (AnthropicErrors.isError(data) || "error".equals(event.name())) {
      out.add(new StreamEvent.Broken(AnthropicErrors.failure(data, event.data())));
    } else {
      take(data, data.path("type").asText());
    }
    return List.copyOf(out);
  }

  private void take(ObjectNode data, String type) {
    switch (type) {
      case "message_start" -> {
        var message = data.path("message");
        out.add(
            new StreamEvent.Started(message.path("id").asText(), message.path("model").asText()));
        used(message.path("usage"));
      }
      case "content_block_start" -> start(index(data), data.path("content_block"));
      case "content_block_delta" -> delta(index(data), data.path("delta"));
      case "content_block_stop" -> {
        var block = open.remove(index(data));
        if (block != null) {
          close(block);
        }
      }
      case "message_delta" -> {
        used(data.path("usage"));
        finish(data.path("delta"));
      }
      case "message_stop" -> {
        closeAll();
        out.add(new StreamEvent.Ended());
      }
      default -> {}
    }
  }

  private static int index(JsonNode data) {
    return data.path("index").asInt();
  }

  /** Counts grow from event to event, so each field's last word is its sum. */
  private void used(JsonNode counts) {
    if (!counts.isObject()) {
      return;
    }
    usage = AnthropicUsage.later(usage, counts);
    var known = AnthropicUsage.of(usage, Trees.bytes(usage));
    if (known != null) {
      out.add(new StreamEvent.Used(known));
    }
  }

  private void start(int index, JsonNode block) {
    switch (block.path("type").asText()) {
      case "text" -> {
        text(block.path("text").asText());
      }
      case "thinking" -> {
        var thinking = new OpenBlock.Thinking();
        open.put(index, thinking);
        thought(thinking, block.path("thinking").asText());
        thinking.signature.append(block.path("signature").asText());
      }
      case "redacted_thinking" ->
          out.add(new StreamEvent.ThoughtState(CHOICE, AnswerReader.NAME, block));
      case "tool_use" -> {
        // calls are counted by themselves: the index counts blocks of any kind
        var tool = new OpenBlock.Tool(tools++, block.path("input"));
        open.put(index, tool);
        out.add(
            new StreamEvent.ToolStarted(
                CHOICE, tool.number, block.path("id").asText(), block.path("name").asText(), null));
      }
      default -> {}
    }
  }

  private void delta(int index, JsonNode delta) {
    var block = open.get(index);
    switch (delta.path("type").asText()) {
      case "text_delta" -> text(delta.path("text").asText());
      case "thinking_delta" -> {
        if (block instanceof OpenBlock.Thinking thinking) {
          thought(thinking, delta.path("thinking").asText());
        }
      }
      case "signature_delta" -> {
        if (block instanceof OpenBlock.Thinking thinking) {
          thinking.signature.append(delta.path("signature").asText());
        }
      }
      case "input_json_delta" -> {
        var fragment = delta.path("partial_json").asText();
        if (block instanceof OpenBlock.Tool tool && !fragment.isEmpty()) {
          tool.begun = true;
          out.add(new StreamEvent.ToolArguments(CHOICE, tool.number, fragment));
        }
      }
      default -> {}
    }
  }

  private void text(String text) {
    var fresh = text;
    while (!repeated.isEmpty() && !fresh.isEmpty()) {
      if (fresh.charAt(0) != repeated.charAt(0)) {
        repeated = "";
        break;
      }
      fresh = fresh.substring(1);
      repeated = repeated.substring(1);
    }
    if (!fresh.isEmpty()) {
      out.add(new StreamEvent.Text(CHOICE, fresh));
    }
  }

  private void thought(OpenBlock.Thinking thinking, String text) {
    thinking.text.append(text);
    if (!text.isEmpty()) {
      out.add(new StreamEvent.Thought(CHOICE, text));
    }
  }

  private void close(OpenBlock block) {
    switch (block) {
      case OpenBlock.Thinking thinking ->
          out.add(new StreamEvent.ThoughtState(CHOICE, AnswerReader.NAME, thinking.block()));
      case OpenBlock.Tool tool -> {
        if (!tool.begun) {
          out.add(new StreamEvent.ToolArguments(CHOICE, tool.number, tool.input()));
        }
      }
    }
  }

  private void finish(JsonNode delta) {
    var stop = Trees.textOrNull(delta.path("stop_reason"));
    if (stop == null || finished) {
      return;
    }
    closeAll();
    finished = true;
    out.add(
        new StreamEvent.Finished(
            CHOICE,
            StopReasons.finish(stop, tools > 0),
            stop,
            Trees.textOrNull(delta.path("stop_sequence"))));
  }

  /** Some servers forget to close their blocks. */
  private void closeAll() {
    open.values().forEach(this::close);
    open.clear();
  }
}
