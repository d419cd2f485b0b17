package io.penstock.worker.dialect.anthropic;

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

/** Reads the conversation of one request. Used by one thread. */
final class ConversationReader {

  private final List<Message> messages = new ArrayList<>();
  private final Map<String, JsonNode> callStates = new HashMap<>();

  /** The messages, instructions first. */
  List<Message> read(ObjectNode body) {
    var system = parts(body.path("system"));
    if (!system.isEmpty()) {
      messages.add(new Message.Instructions(system));
    }
    var last = body.path("messages").size() - 1;
    for (var index = 0; index <= last; index++) {
      var message = body.path("messages").get(index);
      var content = message.path("content");
      if (index == last && body.path("cache_control").isObject()) {
        content = cached(content, body.path("cache_control"));
      }
      switch (message.path("role").asText()) {
        case "user" -> user(content);
        case "assistant" -> assistant(content);
        case "system" -> messages.add(new Message.Instructions(parts(content)));
        default -> throw new UnsupportedCallException("a message has an unknown role");
      }
    }
    return messages;
  }

  /** A cache mark on the whole request is one on its last block. */
  private static JsonNode cached(JsonNode content, JsonNode mark) {
    var blocks = Trees.NODES.arrayNode();
    if (content.isTextual()) {
      blocks.add(Trees.typed("text").put("text", content.textValue()));
    } else {
      content.forEach(block -> blocks.add(block.deepCopy()));
    }
    if (blocks.get(blocks.size() - 1) instanceof ObjectNode last && !last.has("cache_control")) {
      last.set("cache_control", mark);
    }
    return blocks;
  }

  private void user(JsonNode content) {
    var parts = new ArrayList<Part>();
    if (content.isTextual()) {
      parts.add(new Part.Text(content.textValue(), null));
    }
    for (var block : content) {
      if (block.path("type").asText().equals("tool_result")) {
        messages.add(
            new Message.ToolResult(
                block.path("tool_use_id").asText(),
                null,
                parts(block.path("content")),
                block.path("is_error").asBoolean()));
      } else {
        addPart(parts, block);
      }
    }
    if (!parts.isEmpty()) {
      messages.add(new Message.User(parts));
    }
  }

  private static List<Part> parts(JsonNode content) {
    var parts = new ArrayList<Part>();
    if (content.isTextual() && !content.textValue().isEmpty()) {
      parts.add(new Part.Text(content.textValue(), null));
    }
    content.forEach(block -> addPart(parts, block));
    return parts;
  }

  private static void addPart(List<Part> parts, JsonNode block) {
    switch (block.path("type").asText()) {
      case "text" ->
          parts.add(
              new Part.Text(block.path("text").asText(), objectOrNull(block, "cache_control")));
      case "image" -> parts.add(new Part.Image(source(block.path("source")), null));
      case "document" -> addDocument(parts, block);
      default -> throw unknown(block);
    }
  }

  /** Documents of text become text, which every model can read. */
  private static void addDocument(List<Part> parts, JsonNode block) {
    var source = block.path("source");
    var title = Trees.nonEmptyOrNull(block.path("title"));
    var context = Trees.nonEmptyOrNull(block.path("context"));
    if (block.path("citations").path("enabled").asBoolean()) {
      throw new UnsupportedCallException(
          "documents with citations can only be read by providers of the dialect 'anthropic'");
    }
    if (context != null) {
      parts.add(new Part.Text(context, null));
    }
    switch (source.path("type").asText()) {
      case "text" -> {
        var text = source.path("data").asText();
        parts.add(
            new Part.Text(
                title == null ? text : title + "\n\n" + text,
                objectOrNull(block, "cache_control")));
      }
      case "content" -> {
        if (title != null) {
          parts.add(new Part.Text(title, null));
        }
        parts.addAll(parts(source.path("content")));
      }
      default -> parts.add(new Part.Document(title, source(source)));
    }
  }

  private static Source source(JsonNode source) {
    return switch (source.path("type").asText()) {
      case "base64" ->
          new Source.Inline(source.path("media_type").asText(), source.path("data").asText());
      case "url" -> new Source.Url(source.path("url").asText());
      case "file" -> new Source.ProviderFile(source.path("file_id").asText());
      default -> throw unknown(source);
    };
  }

  private void assistant(JsonNode content) {
    var outputs = new ArrayList<Output>();
    if (content.isTextual()) {
      outputs.add(new Output.Said(content.textValue()));
    }
    for (var block : content) {
      switch (block.path("type").asText()) {
        case "text" -> outputs.add(new Output.Said(block.path("text").asText()));
        case "thinking" -> outputs.add(thought(block));
        case "redacted_thinking" -> addRedacted(outputs, block);
        case "tool_use" -> outputs.add(called(block));
        default -> throw unknown(block);
      }
    }
    if (!outputs.isEmpty()) {
      messages.add(new Message.Assistant(outputs));
    }
  }

  private static Output.Thought thought(JsonNode block) {
    var text = Trees.nonEmptyOrNull(block.path("thinking"));
    var sealed = SealedState.open(Trees.textOrNull(block.path("signature")));
    return sealed == null
        ? new Output.Thought(AnswerReader.NAME, text, block)
        : new Output.Thought(sealed.provider(), text, sealed.state());
  }

  private void addRedacted(List<Output> outputs, JsonNode block) {
    var sealed = SealedState.open(Trees.textOrNull(block.path("data")));
    if (sealed == null) {
      outputs.add(new Output.Thought(AnswerReader.NAME, null, block));
      return;
    }
    if (sealed.callId() == null) {
      outputs.add(new Output.Thought(sealed.provider(), null, sealed.state()));
    } else if (sealed.state() != null) {
      callStates.put(sealed.callId(), sealed.state());
    }
  }

  private Output.Called called(JsonNode block) {
    var id = block.path("id").asText();
    var arguments = block.path("input") instanceof ObjectNode input ? input.toString() : "{}";
    return new Output.Called(id, block.path("name").asText(), arguments, callStates.remove(id));
  }

  private static @Nullable JsonNode objectOrNull(JsonNode block, String field) {
    return block.path(field) instanceof ObjectNode object ? object : null;
  }

  private static UnsupportedCallException unknown(JsonNode block) {
    return new UnsupportedCallException(
        "content of the type '"
            + block.path("type").asText()
            + "' can only be read by providers of the dialect 'anthropic'");
  }
}
