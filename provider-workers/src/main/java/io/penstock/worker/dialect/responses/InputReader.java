package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Message.Part;
import io.penstock.worker.dialect.canonical.Message.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads instructions and input. What the model said, thought and called in a row are items of their
 * own here, and one message everywhere else. Used once, by one thread.
 */
final class InputReader {

  /** The dialect's name on thoughts. */
  static final String PROVIDER = "openai";

  private final List<Message> messages = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();
  private final Map<String, String> toolNames = new HashMap<>();
  private final Map<String, JsonNode> callStates = new HashMap<>();

  private InputReader() {}

  static List<Message> read(ObjectNode body) {
    var reader = new InputReader();
    var instructions = Trees.nonEmptyOrNull(body.path("instructions"));
    if (instructions != null) {
      reader.messages.add(new Message.Instructions(List.of(new Part.Text(instructions, null))));
    }
    var input = body.path("input");
    if (input.isTextual()) {
      reader.messages.add(new Message.User(List.of(new Part.Text(input.textValue(), null))));
    }
    for (var i = 0; i < input.size(); i++) {
      reader.item("input[" + i + "]", input.path(i));
    }
    reader.endOutputs();
    return reader.messages;
  }

  private void item(String at, JsonNode item) {
    switch (item.path("type").asText("message")) {
      case "message" -> message(at, item);
      case "reasoning" -> reasoning(item);
      case "function_call" -> {
        var id = item.path("call_id").asText();
        var name = item.path("name").asText();
        var arguments = item.path("arguments").asText();
        toolNames.put(id, name);
        outputs.add(
            new Output.Called(
                id, name, arguments.isBlank() ? "{}" : arguments, callStates.get(id)));
      }
      case "function_call_output" -> {
        endOutputs();
        var id = item.path("call_id").asText();
        messages.add(
            new Message.ToolResult(
                id, toolNames.get(id), parts(at + ".output", item.path("output")), false));
      }
      default -> throw UnsupportedCallException.untranslatable(at + ".type");
    }
  }

  private void message(String at, JsonNode item) {
    var content = item.path("content");
    switch (item.path("role").asText()) {
      case "assistant" -> said(at + ".content", content);
      case "system", "developer" -> {
        endOutputs();
        messages.add(new Message.Instructions(parts(at + ".content", content)));
      }
      case "user" -> {
        endOutputs();
        messages.add(new Message.User(parts(at + ".content", content)));
      }
      default -> throw UnsupportedCallException.untranslatable(at + ".role");
    }
  }

  private void said(String at, JsonNode content) {
    if (content.isTextual()) {
      outputs.add(new Output.Said(content.textValue()));
    }
    for (var i = 0; i < content.size(); i++) {
      var part = content.path(i);
      switch (part.path("type").asText()) {
        case "output_text", "input_text", "text" ->
            outputs.add(new Output.Said(part.path("text").asText()));
        case "refusal" -> outputs.add(new Output.Refused(part.path("refusal").asText()));
        default -> throw UnsupportedCallException.untranslatable(at + "[" + i + "].type");
      }
    }
  }

  private void reasoning(JsonNode item) {
    var text = text(item);
    var sealed = Sealed.open(Trees.textOrNull(item.path("encrypted_content")));
    if (sealed == null) {
      outputs.add(new Output.Thought(PROVIDER, text, item));
    } else if (sealed.callId() == null) {
      outputs.add(new Output.Thought(sealed.provider(), text, sealed.state()));
    } else {
      callStates.put(sealed.callId(), sealed.state());
    }
  }

  /** What may be read of a reasoning item: the whole, else its summary; null when nothing. */
  static @Nullable String text(JsonNode item) {
    var text = new StringBuilder();
    var parts = item.path("content").isEmpty() ? item.path("summary") : item.path("content");
    for (var part : parts) {
      var more = part.path("text").asText();
      text.append(text.isEmpty() || more.isEmpty() ? "" : "\n\n").append(more);
    }
    return text.isEmpty() ? null : text.toString();
  }

  private void endOutputs() {
    if (!outputs.isEmpty()) {
      messages.add(new Message.Assistant(outputs));
      outputs.clear();
    }
  }

  private static List<Part> parts(String at, JsonNode content) {
    if (content.isTextual()) {
      return List.of(new Part.Text(content.textValue(), null));
    }
    var parts = new ArrayList<Part>();
    for (var i = 0; i < content.size(); i++) {
      parts.add(part(at + "[" + i + "]", content.path(i)));
    }
    return parts;
  }

  private static Part part(String at, JsonNode part) {
    return switch (part.path("type").asText()) {
      case "input_text", "output_text", "text" ->
          new Part.Text(
              part.path("text").asText(),
              part.hasNonNull("prompt_cache_breakpoint") ? Trees.typed("ephemeral") : null);
      case "input_image" ->
          new Part.Image(
              source(at, part, "image_url", null), Trees.textOrNull(part.path("detail")));
      case "input_file" ->
          new Part.Document(
              Trees.textOrNull(part.path("filename")), source(at, part, "file_url", "file_data"));
      case "input_audio" ->
          new Part.Audio(
              part.path("input_audio").path("format").asText(),
              part.path("input_audio").path("data").asText());
      default -> throw UnsupportedCallException.untranslatable(at + ".type");
    };
  }

  private static Source source(String at, JsonNode part, String url, @Nullable String data) {
    var id = Trees.nonEmptyOrNull(part.path("file_id"));
    if (id != null) {
      return new Source.ProviderFile(id);
    }
    var address = Trees.nonEmptyOrNull(part.path(url));
    if (address == null && data != null) {
      address = Trees.nonEmptyOrNull(part.path(data));
      if (address != null && !address.startsWith("data:")) {
        return new Source.Inline("application/pdf", address);
      }
    }
    if (address == null) {
      throw UnsupportedCallException.untranslatable(at);
    }
    return Source.of(address);
  }
}
