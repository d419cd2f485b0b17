package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Message.Part;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages as contents: leading instructions apart, turns of the same side merged, and all results
 * of a turn's calls in the one turn that follows it, as many as there were calls. Used by one
 * thread.
 */
final class Turns {

  /** What a tool that was never heard of again has returned. */
  private static final String UNANSWERED = "the call was not answered";

  private final GeminiModel model;
  private final ArrayNode system = Trees.NODES.arrayNode();
  private final ArrayNode contents = Trees.NODES.arrayNode();

  /** Calls of the last model turn, until their results are written. */
  private final List<Output.Called> calls = new ArrayList<>();

  private final List<Message.ToolResult> results = new ArrayList<>();

  private Turns(GeminiModel model) {
    this.model = model;
  }

  /**
   * Turns messages into contents.
   *
   * @throws UnsupportedCallException when a result belongs to no call
   */
  static Turns of(List<Message> messages, GeminiModel model) {
    var turns = new Turns(model);
    for (var message : messages) {
      turns.add(message);
    }
    // where the conversation ends with calls there is nothing to answer them yet
    if (!turns.results.isEmpty()) {
      turns.answerCalls();
    }
    return turns;
  }

  /** Parts of the system instruction; empty when there is none. */
  ArrayNode system() {
    return system;
  }

  /** The conversation. */
  ArrayNode contents() {
    return contents;
  }

  private void add(Message message) {
    switch (message) {
      case Message.ToolResult result -> result(result);
      case Message.Instructions(var parts) -> {
        if (contents.isEmpty()) {
          parts.forEach(part -> append(system, part));
        } else {
          user(parts);
        }
      }
      case Message.User(var parts) -> user(parts);
      case Message.Assistant(var outputs) -> {
        answerCalls();
        outputs(outputs);
      }
    }
  }

  private void result(Message.ToolResult result) {
    if (results.size() >= calls.size()) {
      throw new UnsupportedCallException("a tool result belongs to no tool call");
    }
    results.add(result);
  }

  private void user(List<Part> parts) {
    answerCalls();
    var converted = Trees.NODES.arrayNode();
    parts.forEach(part -> append(converted, part));
    turn("user", converted);
  }

  /** Empty texts are refused, and say nothing. */
  private static void append(ArrayNode parts, Part part) {
    switch (part) {
      case Part.Text text -> {
        if (!text.text().isEmpty()) {
          parts.add(Trees.object().put("text", text.text()));
        }
      }
      case Part.Image image -> parts.add(Media.image(image));
      case Part.Audio audio -> parts.add(Media.audio(audio));
      case Part.Document document -> parts.add(Media.document(document));
    }
  }

  private void turn(String role, ArrayNode parts) {
    if (parts.isEmpty()) {
      return;
    }
    if (!contents.isEmpty()
        && contents.path(contents.size() - 1) instanceof ObjectNode last
        && last.path("role").asText().equals(role)
        && last.path("parts") instanceof ArrayNode before) {
      before.addAll(parts);
      return;
    }
    var turn = contents.addObject().put("role", role);
    turn.set("parts", parts);
  }

  private void outputs(List<Output> outputs) {
    var parts = Trees.NODES.arrayNode();
    ObjectNode said = null;
    JsonNode waiting = null;
    for (var output : outputs) {
      switch (output) {
        case Output.Said(var text) -> {
          said = text.isEmpty() ? null : parts.addObject().put("text", text);
          if (said != null && waiting != null) {
            Signatures.restore(waiting, said);
            waiting = null;
          }
        }
        case Output.Refused(var text) -> {
          said = null;
          if (!text.isEmpty()) {
            parts.addObject().put("text", text);
          }
        }
        case Output.Thought thought -> {
          var state = thought.state();
          if (state == null
              || !thought.provider().equals(Signatures.PROVIDER)
              || !Signatures.signed(state)) {
            continue;
          }
          if (state.path("thought").asBoolean()) {
            var text = thought.text() == null ? "" : thought.text();
            Signatures.restore(state, parts.addObject().put("text", text).put("thought", true));
          } else if (Signatures.standsAlone(state)) {
            Signatures.restore(state, parts.addObject().put("text", ""));
          } else if (said == null) {
            waiting = state;
          } else {
            Signatures.restore(state, said);
          }
        }
        case Output.Called called -> {
          said = null;
          parts.add(call(called));
        }
      }
    }
    turn("model", parts);
  }

  private ObjectNode call(Output.Called called) {
    var part = Trees.object();
    var function = part.putObject("functionCall");
    function.put("id", called.id()).put("name", called.name());
    var arguments = Trees.objectOrNull(called.arguments());
    // Gemini takes objects only, and what the model once wrote must not be lost
    function.set(
        "args",
        arguments == null && !called.arguments().isBlank()
            ? Trees.object().put("arguments", called.arguments())
            : arguments == null ? Trees.object() : arguments);
    // of calls in parallel only the first is signed
    if (Signatures.signed(called.state())) {
      Signatures.restore(called.state(), part);
    } else if (calls.isEmpty() && model.third()) {
      part.put("thoughtSignature", Signatures.FOREIGN);
    }
    calls.add(called);
    return part;
  }

  /** Writes the results of the last turn's calls, in the order of the calls. */
  private void answerCalls() {
    if (calls.isEmpty()) {
      return;
    }
    var parts = Trees.NODES.arrayNode();
    var beside = Trees.NODES.arrayNode();
    for (var i = 0; i < calls.size(); i++) {
      parts.add(response(calls.get(i), resultOf(calls.get(i)), beside));
    }
    if (!results.isEmpty()) {
      throw new UnsupportedCallException("a tool result belongs to no tool call");
    }
    calls.clear();
    turn("user", parts.addAll(beside));
  }

  /** By id, else by name, else what is left over: the ids may be those of another provider. */
  private Message.@Nullable ToolResult resultOf(Output.Called call) {
    for (var result : results) {
      if (result.callId().equals(call.id())) {
        results.remove(result);
        return result;
      }
    }
    for (var result : results) {
      if (isOfNoOther(result) && (result.name() == null || result.name().equals(call.name()))) {
        results.remove(result);
        return result;
      }
    }
    return null;
  }

  private boolean isOfNoOther(Message.ToolResult result) {
    return calls.stream().noneMatch(call -> call.id().equals(result.callId()));
  }

  private ObjectNode response(
      Output.Called call, Message.@Nullable ToolResult result, ArrayNode beside) {
    var part = Trees.object();
    var response = part.putObject("functionResponse");
    response.put("id", call.id()).put("name", call.name());
    if (result == null) {
      response.set("response", Trees.object().put("error", UNANSWERED));
      return part;
    }
    var text = new StringBuilder();
    var media = Trees.NODES.arrayNode();
    for (var piece : result.parts()) {
      if (piece instanceof Part.Text words) {
        text.append(words.text());
      } else {
        append(media, piece);
      }
    }
    response.set("response", value(text.toString(), result.error()));
    if (!media.isEmpty() && model.third()) {
      response.set("parts", media);
    } else {
      // older models take nothing but text from tools
      beside.addAll(media);
    }
    return part;
  }

  /**
   * Gemini takes an object. One with keywords of JSON schemas goes as text: Google resolves {@code
   * $ref} wherever it finds one.
   */
  private static ObjectNode value(String text, boolean error) {
    if (error) {
      return Trees.object().put("error", text);
    }
    var object = Trees.objectOrNull(text);
    return object == null || text.contains("\"$") ? Trees.object().put("output", text) : object;
  }
}
