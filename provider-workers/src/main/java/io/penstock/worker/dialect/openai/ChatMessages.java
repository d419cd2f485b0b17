package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
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

/** Reads the messages of chat requests. Used once, by one thread. */
final class ChatMessages {

  private final List<Message> messages = new ArrayList<>();
  private final Map<String, String> toolNames = new HashMap<>();

  /** Calls of the days before calls had ids. */
  private int functionCalls;

  private ChatMessages() {}

  static List<Message> read(JsonNode json) {
    var reader = new ChatMessages();
    var index = 0;
    for (var message : json) {
      reader.message("messages[" + index++ + "]", message);
    }
    return reader.messages;
  }

  private void message(String at, JsonNode message) {
    var content = message.path("content");
    switch (message.path("role").asText()) {
      case "system", "developer" -> messages.add(new Message.Instructions(parts(at, content)));
      case "user" -> messages.add(new Message.User(parts(at, content)));
      case "assistant" -> messages.add(new Message.Assistant(outputs(at, message)));
      case "tool" -> {
        var id = message.path("tool_call_id").asText();
        messages.add(new Message.ToolResult(id, toolNames.get(id), parts(at, content), false));
      }
      case "function" ->
          messages.add(
              new Message.ToolResult(
                  functionId(functionCalls),
                  Trees.textOrNull(message.path("name")),
                  parts(at, content),
                  false));
      default -> throw UnsupportedCallException.untranslatable(at + ".role");
    }
  }

  private static String functionId(int number) {
    return "call_function_" + number;
  }

  private List<Output> outputs(String at, JsonNode message) {
    if (message.hasNonNull("audio")) {
      throw UnsupportedCallException.untranslatable(at + ".audio");
    }
    var outputs = ThoughtJson.read(message);
    said(at, message.path("content"), outputs);
    var refusal = Trees.nonEmptyOrNull(message.path("refusal"));
    if (refusal != null) {
      outputs.add(new Output.Refused(refusal));
    }
    for (var call : message.path("tool_calls")) {
      if (!call.path("type").asText("function").equals("function")) {
        throw UnsupportedCallException.untranslatable(at + ".tool_calls");
      }
      outputs.add(called(call.path("id").asText(), call, call.path("function")));
    }
    var function = message.path("function_call");
    if (function.isObject() && Trees.nonEmptyOrNull(function.path("name")) != null) {
      outputs.add(called(functionId(++functionCalls), message, function));
    }
    return outputs;
  }

  private static void said(String at, JsonNode content, List<Output> outputs) {
    if (content.isTextual()) {
      if (!content.textValue().isEmpty()) {
        outputs.add(new Output.Said(content.textValue()));
      }
      return;
    }
    for (var part : content) {
      switch (part.path("type").asText()) {
        case "text" -> outputs.add(new Output.Said(part.path("text").asText()));
        case "refusal" -> outputs.add(new Output.Refused(part.path("refusal").asText()));
        case "thinking" ->
            outputs.add(new Output.Thought(ThoughtJson.NAME, MistralContent.thought(part), null));
        default -> throw UnsupportedCallException.untranslatable(at + ".content");
      }
    }
  }

  private Output.Called called(String id, JsonNode call, JsonNode function) {
    var name = function.path("name").asText();
    toolNames.put(id, name);
    var arguments = function.path("arguments");
    var text = arguments.isTextual() ? arguments.textValue() : arguments.toString();
    return new Output.Called(id, name, text.isBlank() ? "{}" : text, CallState.read(call));
  }

  private static List<Part> parts(String at, JsonNode content) {
    if (content.isTextual()) {
      return List.of(new Part.Text(content.textValue(), null));
    }
    var parts = new ArrayList<Part>();
    var index = 0;
    for (var part : content) {
      parts.add(part(at + ".content[" + index++ + "]", part));
    }
    return parts;
  }

  private static Part part(String at, JsonNode part) {
    return switch (part.path("type").asText()) {
      case "text" -> new Part.Text(part.path("text").asText(), cacheMark(part));
      case "image_url" -> image(part.path("image_url"));
      case "input_audio" ->
          new Part.Audio(
              part.path("input_audio").path("format").asText(),
              part.path("input_audio").path("data").asText());
      case "file" -> document(at, part.path("file"));
      default -> throw UnsupportedCallException.untranslatable(at + ".type");
    };
  }

  /** Anthropic's mark, which OpenRouter takes too, or OpenAI's own. */
  private static @Nullable JsonNode cacheMark(JsonNode part) {
    if (part.path("cache_control").isObject()) {
      return part.get("cache_control");
    }
    return part.hasNonNull("prompt_cache_breakpoint")
        ? Trees.object().put("type", "ephemeral")
        : null;
  }

  private static Part image(JsonNode image) {
    // some servers take the address by itself
    var url = image.isTextual() ? image.textValue() : image.path("url").asText();
    return new Part.Image(Source.of(url), Trees.textOrNull(image.path("detail")));
  }

  private static Part document(String at, JsonNode file) {
    var filename = Trees.textOrNull(file.path("filename"));
    var id = Trees.textOrNull(file.path("file_id"));
    if (id != null) {
      return new Part.Document(filename, new Source.ProviderFile(id));
    }
    var data = Trees.textOrNull(file.path("file_data"));
    if (data == null) {
      throw UnsupportedCallException.untranslatable(at + ".file");
    }
    var address = data.startsWith("data:") || data.startsWith("http");
    return new Part.Document(
        filename, address ? Source.of(data) : new Source.Inline("application/pdf", data));
  }
}
