package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.CallerDialect.StreamWriter;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes one stream of chat completion chunks. Used by one thread. */
final class ChunkWriter implements StreamWriter {

  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private final long created;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Choices whose role the caller knows. */
  private final Set<Integer> introduced = new HashSet<>();

  private String answerId;
  private String model;
  private int events;
  private @Nullable TokenUsage usage;

  ChunkWriter(StreamStart from) {
    this.created = from.at().getEpochSecond();
    this.answerId = from.answerId();
    this.model = from.model();
    this.events = from.events();
    if (from.events() > 0) {
      introduced.add(0);
    }
  }

  @Override
  public byte[] write(StreamEvent event) {
    out.reset();
    switch (event) {
      case StreamEvent.Started(var id, var name) -> {
        answerId = answerId.isEmpty() ? id : answerId;
        model = model.isEmpty() ? name : model;
        introduce(0);
      }
      case StreamEvent.Text(var choice, var text) -> {
        if (!text.isEmpty()) {
          delta(choice, Trees.object().put("content", text));
        }
      }
      case StreamEvent.Refusal(var choice, var text) -> {
        if (!text.isEmpty()) {
          delta(choice, Trees.object().put("refusal", text));
        }
      }
      case StreamEvent.Thought(var choice, var text) -> {
        if (!text.isEmpty()) {
          delta(choice, Trees.object().put("reasoning_content", text));
        }
      }
      case StreamEvent.ThoughtState(var choice, var provider, var state) -> {
        var delta = Trees.object();
        delta.putArray("reasoning_details").add(ThoughtJson.entry(provider, null, state));
        delta(choice, delta);
      }
      case StreamEvent.ToolStarted started -> toolStarted(started);
      case StreamEvent.ToolArguments(var choice, var tool, var fragment) -> {
        if (!fragment.isEmpty()) {
          var call = Trees.object().put("index", tool);
          call.putObject("function").put("arguments", fragment);
          delta(choice, calls(call));
        }
      }
      case StreamEvent.Finished finished -> finished(finished);
      case StreamEvent.Used(var counted) -> usage = counted;
      case StreamEvent.Broken _ -> {}
      case StreamEvent.Ended _ -> end();
    }
    return out.toByteArray();
  }

  private void toolStarted(StreamEvent.ToolStarted started) {
    var call =
        Trees.object().put("index", started.tool()).put("id", started.id()).put("type", "function");
    call.putObject("function").put("name", started.name()).put("arguments", "");
    CallState.write(call, started.state());
    delta(started.choice(), calls(call));
  }

  private static ObjectNode calls(ObjectNode call) {
    var delta = Trees.object();
    delta.putArray("tool_calls").add(call);
    return delta;
  }

  private void finished(StreamEvent.Finished finished) {
    introduce(finished.choice());
    var choice = choice(finished.choice(), Trees.object());
    choice.put("finish_reason", finished.finish().openAi());
    if (finished.nativeFinish() != null) {
      choice.put("native_finish_reason", finished.nativeFinish());
    }
    chunk(choice);
  }

  private void end() {
    introduce(0);
    var chunk = head();
    chunk.putArray("choices");
    if (usage != null) {
      chunk.set("usage", ChatUsage.json(usage));
      send(chunk);
    }
    out.writeBytes(DONE);
    events++;
  }

  private void introduce(int choice) {
    if (introduced.add(choice)) {
      var delta = Trees.object().put("role", "assistant").put("content", "").putNull("refusal");
      chunk(choice(choice, delta));
    }
  }

  private void delta(int choice, ObjectNode delta) {
    introduce(choice);
    chunk(choice(choice, delta));
  }

  private static ObjectNode choice(int index, ObjectNode delta) {
    var choice = Trees.object().put("index", index);
    choice.set("delta", delta);
    return choice.putNull("logprobs").putNull("finish_reason");
  }

  private void chunk(ObjectNode choice) {
    var chunk = head();
    chunk.putArray("choices").add(choice);
    send(chunk);
  }

  private ObjectNode head() {
    return Trees.object()
        .put("id", answerId)
        .put("object", "chat.completion.chunk")
        .put("created", created)
        .put("model", model);
  }

  private void send(ObjectNode chunk) {
    out.writeBytes(DATA);
    out.writeBytes(Trees.bytes(chunk));
    out.write('\n');
    out.write('\n');
    events++;
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
}
