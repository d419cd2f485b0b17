package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Message.Part;
import io.penstock.worker.dialect.canonical.Message.Source;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes conversations for providers that speak chat completions. Used once, by one thread. */
final class ChatMessageWriter {

  private final String host;
  private final Quirks quirks;
  private final ArrayNode messages = Trees.NODES.arrayNode();

  /** Pictures that tools returned: only users may show pictures. */
  private final List<Part> shownByTools = new ArrayList<>();

  ChatMessageWriter(String host) {
    this.host = host;
    this.quirks = Quirks.of(host);
  }

  ArrayNode write(List<Message> conversation) {
    for (var message : conversation) {
      if (!(message instanceof Message.ToolResult)) {
        showPictures();
      }
      switch (message) {
        case Message.Instructions(var parts) -> add("system").set("content", content(parts));
        case Message.User(var parts) -> add("user").set("content", content(parts));
        case Message.Assistant(var outputs) -> assistant(outputs);
        case Message.ToolResult result -> toolResult(result);
      }
    }
    showPictures();
    if (quirks.marksPrefix()
        && messages.path(messages.size() - 1) instanceof ObjectNode last
        && last.path("role").asText().equals("assistant")) {
      last.put("prefix", true);
    }
    return messages;
  }

  private ObjectNode add(String role) {
    return messages.addObject().put("role", role);
  }

  private void showPictures() {
    if (!shownByTools.isEmpty()) {
      add("user").set("content", content(shownByTools));
      shownByTools.clear();
    }
  }

  private void toolResult(Message.ToolResult result) {
    var texts = new ArrayList<Part>();
    for (var part : result.parts()) {
      (part instanceof Part.Text ? texts : shownByTools).add(part);
    }
    add("tool").put("tool_call_id", id(result.callId())).set("content", content(texts));
  }

  /** One text is written as such: not every server knows parts. */
  private JsonNode content(List<Part> parts) {
    if (parts.isEmpty()) {
      return Trees.NODES.textNode("");
    }
    if (parts.size() == 1
        && parts.getFirst() instanceof Part.Text(var text, var cache)
        && (cache == null || !Quirks.isOpenRouter(host))) {
      return Trees.NODES.textNode(text);
    }
    var json = Trees.NODES.arrayNode();
    parts.forEach(part -> json.add(part(part)));
    return json;
  }

  private ObjectNode part(Part part) {
    return switch (part) {
      case Part.Text(var text, var cache) -> {
        var json = typed("text").put("text", text);
        if (cache != null && Quirks.isOpenRouter(host)) {
          json.set("cache_control", cache);
        }
        yield json;
      }
      case Part.Image(var source, var detail) -> {
        var json = typed("image_url");
        var image = json.putObject("image_url").put("url", url(source));
        if (detail != null) {
          image.put("detail", detail);
        }
        yield json;
      }
      case Part.Audio(var format, var base64) -> {
        var json = typed("input_audio");
        json.putObject("input_audio").put("data", base64).put("format", format);
        yield json;
      }
      case Part.Document(var filename, var source) -> document(filename, source);
    };
  }

  private static ObjectNode document(@Nullable String filename, Source source) {
    var json = typed("file");
    var file = json.putObject("file");
    if (source instanceof Source.ProviderFile(var id)) {
      file.put("file_id", id);
      return json;
    }
    // a file without a name is refused
    file.put("filename", filename == null ? "document.pdf" : filename);
    file.put("file_data", url(source));
    return json;
  }

  private static String url(Source source) {
    return switch (source) {
      case Source.Url(var url) -> url;
      case Source.Inline(var mimeType, var base64) -> "data:" + mimeType + ";base64," + base64;
      case Source.ProviderFile _ -> throw UnsupportedCallException.of("file_id", ThoughtJson.NAME);
    };
  }

  private static ObjectNode typed(String type) {
    return Trees.object().put("type", type);
  }

  private void assistant(List<Output> outputs) {
    var json = add("assistant");
    var said = new StringBuilder();
    var refused = new StringBuilder();
    var calls = Trees.NODES.arrayNode();
    for (var output : outputs) {
      switch (output) {
        case Output.Said(var text) -> said.append(text);
        case Output.Refused(var text) -> refused.append(text);
        case Output.Thought _ -> {}
        case Output.Called called -> calls.add(call(called));
      }
    }
    if (said.isEmpty() && !refused.isEmpty()) {
      said.append(refused);
    }
    json.put("content", said.isEmpty() && !calls.isEmpty() ? null : said.toString());
    thoughts(json, outputs);
    if (!calls.isEmpty()) {
      json.set("tool_calls", calls);
    }
  }

  /** A provider's own thoughts come back to it; others would not understand them. */
  private void thoughts(ObjectNode json, List<Output> outputs) {
    var field = quirks.thoughtField();
    if (field == null) {
      return;
    }
    var text = new StringBuilder();
    var entries = new ArrayList<JsonNode>();
    for (var output : outputs) {
      if (output instanceof Output.Thought(var provider, var said, var state)
          && provider.equals(ThoughtJson.NAME)) {
        text.append(said == null ? "" : said);
        if (state != null && ThoughtJson.isEntry(provider, state)) {
          entries.add(state);
        }
      }
    }
    if (!text.isEmpty()) {
      json.put(field, text.toString());
    }
    if (!entries.isEmpty() && Quirks.isOpenRouter(host)) {
      json.putArray("reasoning_details").addAll(entries);
    }
  }

  private ObjectNode call(Output.Called called) {
    var json = Trees.object().put("id", id(called.id())).put("type", "function");
    json.putObject("function").put("name", called.name()).put("arguments", called.arguments());
    if (Quirks.signsCalls(host)) {
      CallState.write(json, called.state());
    }
    return json;
  }

  private String id(String id) {
    return quirks.shortToolIds() ? ShortIds.of(id) : id;
  }
}
