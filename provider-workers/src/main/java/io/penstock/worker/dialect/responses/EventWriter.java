package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.CallerDialect.StreamWriter;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes one stream: items one after the other, each begun, continued and ended, all events
 * numbered from 0, and the whole response again in the last. Used by one thread.
 */
final class EventWriter implements StreamWriter {

  private static final byte[] EVENT = "event: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DATA = "\ndata: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final long createdAt;

  /** Items by their place; what stands here goes into the last event. */
  private final ArrayNode output = Trees.NODES.arrayNode();

  /** Calls may be told turn about, so all stay open until the end. */
  private final Map<Integer, Tool> tools = new TreeMap<>();

  private String answerId;
  private String model;
  private int events;
  private @Nullable Said message;
  private @Nullable Thinking thinking;
  private Finish finish = Finish.STOP;
  private TokenUsage usage = TokenUsage.newBuilder().setSource(UsageSource.ESTIMATED).build();

  EventWriter(StreamStart from) {
    this.answerId = from.answerId();
    this.model = from.model();
    this.createdAt = from.at().getEpochSecond();
    this.events = from.events();
    // only text is gone on with, and only inside its part
    if (!from.text().isEmpty()) {
      var said = new Said(0, ResponseObject.itemId("msg_", answerId, 0));
      said.kind = Said.TEXT;
      said.text.append(from.text());
      output.addNull();
      message = said;
    }
  }

  @Override
  public byte[] write(StreamEvent event) {
    out.reset();
    switch (event) {
      case StreamEvent.Started(var id, var name) -> start(id, name);
      case StreamEvent.Text(var choice, var text) -> said(choice, Said.TEXT, text);
      case StreamEvent.Refusal(var choice, var text) -> said(choice, Said.REFUSAL, text);
      case StreamEvent.Thought(var choice, var text) -> thought(choice, text);
      case StreamEvent.ThoughtState(var choice, var provider, var state) -> {
        if (choice == 0) {
          thoughtState(provider, state);
        }
      }
      case StreamEvent.ToolStarted tool -> {
        if (tool.choice() == 0) {
          toolStarted(tool);
        }
      }
      case StreamEvent.ToolArguments(var choice, var tool, var fragment) -> {
        if (choice == 0) {
          toolArguments(tool, fragment);
        }
      }
      case StreamEvent.Finished last -> finish = last.choice() == 0 ? last.finish() : finish;
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

  private void start(String id, String name) {
    answerId = answerId.isEmpty() ? ResponseObject.id(id) : answerId;
    model = model.isEmpty() ? name : model;
    if (events > 0) {
      return;
    }
    response("response.created", ResponseObject.begun(answerId, model, createdAt));
    response("response.in_progress", ResponseObject.begun(answerId, model, createdAt));
  }

  private void response(String type, ObjectNode response) {
    var event = Trees.typed(type);
    event.set("response", response);
    send(event);
  }

  private void send(ObjectNode event) {
    event.put("sequence_number", events++);
    out.writeBytes(EVENT);
    out.writeBytes(event.path("type").asText().getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(DATA);
    out.writeBytes(Trees.bytes(event));
    out.writeBytes(END);
  }

  private void item(String type, int index, ObjectNode item) {
    var event = Trees.typed(type).put("output_index", index);
    event.set("item", item);
    send(event);
  }

  private static ObjectNode inItem(String type, String id, int index) {
    return Trees.typed(type).put("item_id", id).put("output_index", index);
  }

  /** A message item that is being written. */
  private static final class Said {
    static final String TEXT = "output_text";
    static final String REFUSAL = "refusal";

    final int index;
    final String id;
    final ArrayNode parts = Trees.NODES.arrayNode();
    final StringBuilder text = new StringBuilder();
    @Nullable String kind;

    Said(int index, String id) {
      this.index = index;
      this.id = id;
    }

    ObjectNode part(String kind) {
      return kind.equals(TEXT)
          ? ResponseObject.textPart(text.toString())
          : ResponseObject.refusalPart(text.toString());
    }
  }

  private void said(int choice, String kind, String text) {
    if (choice != 0 || text.isEmpty()) {
      return;
    }
    endThinking();
    var said = message;
    if (said == null) {
      said = new Said(output.size(), ResponseObject.itemId("msg_", answerId, output.size()));
      message = said;
      output.addNull();
      item(
          "response.output_item.added",
          said.index,
          ResponseObject.message(said.id, "in_progress", Trees.NODES.arrayNode()));
    }
    if (!kind.equals(said.kind)) {
      endPart(said);
      said.kind = kind;
      part("response.content_part.added", said, said.part(kind));
    }
    said.text.append(text);
    var delta = inContent("response." + kind + ".delta", said).put("delta", text);
    if (kind.equals(Said.TEXT)) {
      delta.putArray("logprobs");
    }
    send(delta);
  }

  private static ObjectNode inContent(String type, Said said) {
    return inItem(type, said.id, said.index).put("content_index", said.parts.size());
  }

  private void part(String type, Said said, ObjectNode part) {
    var event = inContent(type, said);
    event.set("part", part);
    send(event);
  }

  private void endPart(Said said) {
    var kind = said.kind;
    if (kind == null) {
      return;
    }
    var done = inContent("response." + kind + ".done", said);
    done.put(kind.equals(Said.TEXT) ? "text" : "refusal", said.text.toString());
    if (kind.equals(Said.TEXT)) {
      done.putArray("logprobs");
    }
    send(done);
    part("response.content_part.done", said, said.part(kind));
    said.parts.add(said.part(kind));
    said.text.setLength(0);
    said.kind = null;
  }

  private void endMessage(String status) {
    var said = message;
    if (said == null) {
      return;
    }
    endPart(said);
    message = null;
    done(said.index, ResponseObject.message(said.id, status, said.parts));
  }

  private void done(int index, ObjectNode item) {
    output.set(index, item);
    item("response.output_item.done", index, item);
  }

  /** A reasoning item that is being written. */
  private record Thinking(int index, String id, StringBuilder text) {}

  private void thought(int choice, String text) {
    if (choice != 0 || text.isEmpty()) {
      return;
    }
    endMessage("completed");
    var current = thinking;
    if (current == null) {
      current = beginThinking();
      var part = inItem("response.reasoning_summary_part.added", current.id(), current.index());
      part.put("summary_index", 0).set("part", ResponseObject.summaryPart(""));
      send(part);
    }
    current.text().append(text);
    send(
        inItem("response.reasoning_summary_text.delta", current.id(), current.index())
            .put("summary_index", 0)
            .put("delta", text));
  }

  private Thinking beginThinking() {
    var index = output.size();
    var begun =
        new Thinking(index, ResponseObject.itemId("rs_", answerId, index), new StringBuilder());
    thinking = begun;
    output.addNull();
    var item = Trees.typed("reasoning").put("id", begun.id());
    item.putArray("summary");
    item("response.output_item.added", index, item);
    return begun;
  }

  private void thoughtState(String provider, JsonNode state) {
    if (thinking == null) {
      endMessage("completed");
      beginThinking();
    }
    endThinking(provider, state);
  }

  private void endThinking() {
    endThinking(InputReader.PROVIDER, null);
  }

  private void endThinking(String provider, @Nullable JsonNode state) {
    var current = thinking;
    if (current == null) {
      return;
    }
    thinking = null;
    var text = current.text().isEmpty() ? null : current.text().toString();
    if (text != null) {
      send(
          inItem("response.reasoning_summary_text.done", current.id(), current.index())
              .put("summary_index", 0)
              .put("text", text));
      var part = inItem("response.reasoning_summary_part.done", current.id(), current.index());
      part.put("summary_index", 0).set("part", ResponseObject.summaryPart(text));
      send(part);
    }
    // the caller knows the item by the id under which it began
    var item = ResponseObject.reasoning(current.id(), provider, text, state);
    done(current.index(), item.put("id", current.id()));
  }

  /** A tool call that is being written. */
  private record Tool(int index, String id, String callId, String name, StringBuilder arguments) {
    ObjectNode item(String status) {
      return ResponseObject.functionCall(id, status, callId, name, arguments.toString());
    }
  }

  private void toolStarted(StreamEvent.ToolStarted started) {
    endThinking();
    endMessage("completed");
    if (started.state() != null) {
      var index = output.size();
      var id = ResponseObject.itemId("rs_", answerId, index);
      output.addNull();
      var item = ResponseObject.callState(id, started.id(), started.state());
      item("response.output_item.added", index, item);
      done(index, item);
    }
    var index = output.size();
    var tool =
        new Tool(
            index,
            ResponseObject.itemId("fc_", answerId, index),
            started.id(),
            started.name(),
            new StringBuilder());
    tools.put(started.tool(), tool);
    output.addNull();
    item("response.output_item.added", index, tool.item("in_progress"));
  }

  private void toolArguments(int number, String fragment) {
    var tool = tools.get(number);
    if (tool == null || fragment.isEmpty()) {
      return;
    }
    tool.arguments().append(fragment);
    send(
        inItem("response.function_call_arguments.delta", tool.id(), tool.index())
            .put("delta", fragment));
  }

  private void endTools() {
    for (var tool : tools.values()) {
      if (tool.arguments().isEmpty()) {
        tool.arguments().append("{}");
      }
      send(
          inItem("response.function_call_arguments.done", tool.id(), tool.index())
              .put("name", tool.name())
              .put("arguments", tool.arguments().toString()));
      done(tool.index(), tool.item("completed"));
    }
    tools.clear();
  }

  private void end() {
    endThinking();
    endMessage(ResponseObject.status(finish));
    endTools();
    var response = ResponseObject.begun(answerId, model, createdAt);
    ResponseObject.end(response, finish, output, usage);
    response("response." + ResponseObject.status(finish), response);
  }
}
