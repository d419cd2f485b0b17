package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.ProviderDialect.StreamReader;
import io.penstock.worker.dialect.ServerSentEvent;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads one stream. There is no mark at its end: it has ended when every choice has said why it
 * stopped. Used by one thread.
 */
final class EventReader implements StreamReader {

  private final CallAssigned call;
  private final Map<Integer, Choice> choices = new TreeMap<>();
  private boolean started;
  private boolean over;

  EventReader(CallAssigned call) {
    this.call = call;
  }

  @Override
  public List<StreamEvent> read(ServerSentEvent event) {
    var events = new ArrayList<StreamEvent>();
    if (over || event.data().length == 0) {
      return events;
    }
    var chunk = Trees.onlyObjectOrNull(event.data());
    if (chunk == null) {
      broken(
          new StreamEvent.Broken(
              FailureClassifier.unusable(200, "a piece of the answer is not JSON", event.data())),
          events);
      return events;
    }
    if (chunk.path("error").isObject()) {
      broken(new StreamEvent.Broken(FailureClassifier.classifyError200(event.data())), events);
      return events;
    }
    chunk(chunk, event.data(), events);
    return events;
  }

  private void broken(StreamEvent.Broken broken, List<StreamEvent> events) {
    over = true;
    events.add(broken);
  }

  private void chunk(ObjectNode chunk, byte[] data, List<StreamEvent> events) {
    if (!started) {
      started = true;
      var id = Trees.textOrNull(chunk.path("responseId"));
      events.add(
          new StreamEvent.Started(
              id == null ? Ids.answer(call) : id,
              chunk.path("modelVersion").asText(call.getUpstreamModel())));
    }
    for (var candidate : chunk.path("candidates")) {
      choice(candidate.path("index").asInt(0)).parts(candidate.path("content"), events);
    }
    var usage = GeminiUsage.of(chunk.path("usageMetadata"), Trees.slice(data, "usageMetadata"));
    if (usage != null) {
      events.add(new StreamEvent.Used(usage));
    }
    var blocked = Trees.textOrNull(chunk.path("promptFeedback").path("blockReason"));
    if (blocked != null && choices.isEmpty()) {
      broken(new StreamEvent.Broken(Finishes.blocked(blocked)), events);
      return;
    }
    for (var candidate : chunk.path("candidates")) {
      var word = Trees.textOrNull(candidate.path("finishReason"));
      if (word != null && !over) {
        finish(candidate.path("index").asInt(0), word, events);
      }
    }
    if (!over && ended()) {
      over = true;
      events.add(new StreamEvent.Ended());
    }
  }

  private Choice choice(int index) {
    return choices.computeIfAbsent(index, Choice::new);
  }

  private void finish(int index, String word, List<StreamEvent> events) {
    var choice = choice(index);
    if (choice.finished) {
      return;
    }
    choice.close(events);
    choice.finished = true;
    var finish = Finishes.finish(word, choice.tools > 0);
    if (finish == null) {
      broken(new StreamEvent.Broken(Finishes.failure(word)), events);
    } else {
      events.add(new StreamEvent.Finished(index, finish, word, null));
    }
  }

  private boolean ended() {
    return choices.size() >= call.getFacts().getChoices()
        && choices.values().stream().allMatch(choice -> choice.finished);
  }

  /** What is known of one choice. */
  private final class Choice {
    private final int index;
    private int tools;
    private boolean finished;
    private @Nullable PartialArguments open;

    Choice(int index) {
      this.index = index;
    }

    void parts(JsonNode content, List<StreamEvent> events) {
      for (var part : content.path("parts")) {
        if (part.path("functionCall").isObject()) {
          function(part, part.path("functionCall"), events);
        } else {
          text(part, events);
        }
      }
    }

    private void text(JsonNode part, List<StreamEvent> events) {
      var text = part.path("text").asText();
      if (!text.isEmpty()) {
        close(events);
        events.add(
            part.path("thought").asBoolean()
                ? new StreamEvent.Thought(index, text)
                : new StreamEvent.Text(index, text));
      }
      var state = Signatures.ofText(part);
      if (part.has("text") && state != null) {
        events.add(new StreamEvent.ThoughtState(index, Signatures.PROVIDER, state));
      }
    }

    private void function(JsonNode part, JsonNode function, List<StreamEvent> events) {
      var name = Trees.textOrNull(function.path("name"));
      if (name != null) {
        close(events);
        var id = Trees.textOrNull(function.path("id"));
        events.add(
            new StreamEvent.ToolStarted(
                index,
                tools,
                id == null || id.isEmpty() ? Ids.tool(call, index, tools) : id,
                name,
                Signatures.ofCall(part)));
        tools++;
        open = new PartialArguments();
      }
      if (open == null) {
        return;
      }
      if (function.path("args") instanceof ObjectNode args) {
        open.whole(args);
      }
      open.take(function.path("partialArgs"));
      if (!function.path("willContinue").asBoolean()) {
        close(events);
      }
    }

    /** Ends the tool call that is open; some streams forget to. */
    void close(List<StreamEvent> events) {
      if (open != null) {
        events.add(new StreamEvent.ToolArguments(index, tools - 1, open.json()));
        open = null;
      }
    }
  }
}
