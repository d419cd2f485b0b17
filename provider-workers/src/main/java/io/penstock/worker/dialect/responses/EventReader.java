package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.ProviderDialect.StreamReader;
import io.penstock.worker.dialect.ServerSentEvent;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads one stream. It has ended well only with the event that says so: an incomplete response is
 * told as one, and silence is no end. Used by one thread.
 */
final class EventReader implements StreamReader {

  private final CallAssigned call;

  /** Numbers of tool calls by the place of their items. */
  private final Map<Integer, Integer> tools = new HashMap<>();

  /** Places of items of which something was told piece by piece. */
  private final Set<Integer> told = new HashSet<>();

  private boolean started;
  private boolean over;

  EventReader(CallAssigned call) {
    this.call = call;
  }

  @Override
  public List<StreamEvent> read(ServerSentEvent event) {
    if (over || event.data().length == 0 || isDone(event.data())) {
      return List.of();
    }
    var data = Trees.objectOrNull(event.data());
    var events = new ArrayList<StreamEvent>();
    if (data == null) {
      over = true;
      events.add(
          new StreamEvent.Broken(
              FailureClassifier.unusable(200, "a piece of the answer is not JSON", event.data())));
      return events;
    }
    read(data, event, events);
    return events;
  }

  /** The mark of chat completions, which some servers send here too. */
  private static boolean isDone(byte[] data) {
    return new String(data, 0, Math.min(data.length, 8), StandardCharsets.UTF_8)
        .strip()
        .equals("[DONE]");
  }

  private void read(ObjectNode data, ServerSentEvent event, List<StreamEvent> events) {
    var index = data.path("output_index").asInt();
    var delta = data.path("delta").asText();
    switch (data.path("type").asText(event.name() == null ? "" : event.name())) {
      case "response.created", "response.in_progress" -> start(data.path("response"), events);
      case "response.output_text.delta" -> {
        told.add(index);
        events.add(new StreamEvent.Text(0, delta));
      }
      case "response.refusal.delta" -> {
        told.add(index);
        events.add(new StreamEvent.Refusal(0, delta));
      }
      case "response.reasoning_summary_text.delta", "response.reasoning_text.delta" -> {
        told.add(index);
        events.add(new StreamEvent.Thought(0, delta));
      }
      case "response.function_call_arguments.delta" -> {
        told.add(index);
        events.add(new StreamEvent.ToolArguments(0, tools.getOrDefault(index, 0), delta));
      }
      case "response.output_item.added" -> begin(index, data.path("item"), events);
      case "response.output_item.done" -> done(index, data.path("item"), events);
      case "response.completed", "response.incomplete" ->
          end(data.path("response"), event.data(), events);
      case "response.failed" -> broken(data.path("response"), events);
      case "error" -> broken(data, events);
      // a failure that does not even say what it is
      case "" -> {
        if (data.path("error").isObject()) {
          broken(data, events);
        }
      }
      default -> {}
    }
  }

  private void start(JsonNode response, List<StreamEvent> events) {
    if (!started) {
      started = true;
      events.add(
          new StreamEvent.Started(
              response.path("id").asText(),
              response.path("model").asText(call.getUpstreamModel())));
    }
  }

  private void begin(int index, JsonNode item, List<StreamEvent> events) {
    if (item.path("type").asText().equals("function_call") && !tools.containsKey(index)) {
      var tool = tools.size();
      tools.put(index, tool);
      events.add(
          new StreamEvent.ToolStarted(
              0, tool, item.path("call_id").asText(), item.path("name").asText(), null));
    }
  }

  /** An item has ended; what was not told piece by piece is told now. */
  private void done(int index, JsonNode item, List<StreamEvent> events) {
    begin(index, item, events);
    var type = item.path("type").asText();
    if (!told.contains(index)) {
      switch (type) {
        case "message" -> {
          for (var part : item.path("content")) {
            if (part.path("type").asText().equals("output_text")) {
              events.add(new StreamEvent.Text(0, part.path("text").asText()));
            } else if (part.path("type").asText().equals("refusal")) {
              events.add(new StreamEvent.Refusal(0, part.path("refusal").asText()));
            }
          }
        }
        case "function_call" ->
            events.add(
                new StreamEvent.ToolArguments(
                    0, tools.getOrDefault(index, 0), item.path("arguments").asText()));
        case "reasoning" -> {
          var text = InputReader.text(item);
          if (text != null) {
            events.add(new StreamEvent.Thought(0, text));
          }
        }
        default -> {}
      }
    }
    if (type.equals("reasoning")) {
      events.add(new StreamEvent.ThoughtState(0, InputReader.PROVIDER, item));
    }
  }

  private void end(JsonNode response, byte[] data, List<StreamEvent> events) {
    over = true;
    start(response, events);
    var usage = ResponsesUsage.of(response.path("usage"), Trees.slice(data, "response", "usage"));
    if (usage != null) {
      usage.setServiceTier(Trees.textOrNull(response.path("service_tier")));
      events.add(new StreamEvent.Used(usage));
    }
    var finish = ResponsesReader.finish(response, ResponsesReader.outputs(response.path("output")));
    if (finish == null) {
      events.add(new StreamEvent.Broken(ResponsesReader.failure(Trees.bytes(response))));
      return;
    }
    // some servers leave the output out of their last word
    var called = finish == Finish.STOP && !tools.isEmpty();
    events.add(
        new StreamEvent.Finished(
            0, called ? Finish.TOOL_CALLS : finish, ResponsesReader.nativeFinish(response), null));
    events.add(new StreamEvent.Ended());
  }

  private void broken(JsonNode error, List<StreamEvent> events) {
    over = true;
    var usage = ResponsesUsage.of(error.path("usage"), Trees.bytes(error.path("usage")));
    if (usage != null) {
      events.add(new StreamEvent.Used(usage));
    }
    events.add(new StreamEvent.Broken(ResponsesReader.failure(Trees.bytes(error))));
  }
}
