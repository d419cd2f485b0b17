package io.penstock.ingress.accept;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Walks the messages of a prompt, whatever the dialect, and counts what its bytes do not tell. Used
 * once, by one thread.
 */
final class PromptScan {

  private static final String DATA_URL = "data:";

  private final JsonParser parser;
  private final boolean anthropic;
  private long messages;
  private long images;
  private long imageBytes;
  private boolean audio;
  private boolean lastIsAssistant;

  PromptScan(Surface surface, JsonParser parser) {
    this.parser = parser;
    this.anthropic = surface == Surface.ANTHROPIC_MESSAGES;
  }

  long messages() {
    return messages;
  }

  long images() {
    return images;
  }

  /** Bytes of inline images. */
  long imageBytes() {
    return imageBytes;
  }

  boolean audio() {
    return audio;
  }

  /** Whether the last message is the assistant's. */
  boolean prefill() {
    return lastIsAssistant;
  }

  /** A prompt that is one text or a list without structure of ours, such as texts to embed. */
  void plain(long elements) {
    messages = elements;
  }

  /** Reads the array of messages that the parser is at. */
  @Nullable Rejected messages(String param) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return Values.type(param, "an array");
    }
    Rejected rejected = null;
    for (var token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      if (token == JsonToken.START_OBJECT) {
        message();
      } else {
        if (rejected == null) {
          rejected = Values.type(param + "[" + messages + "]", "an object");
        }
        parser.skipChildren();
      }
      messages++;
    }
    return messages == 0 ? Values.empty(param) : rejected;
  }

  private void message() throws IOException {
    lastIsAssistant = false;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      var token = parser.nextToken();
      if (name.equals("role") && token == JsonToken.VALUE_STRING) {
        lastIsAssistant = parser.getText().equals("assistant");
      } else if (anthropic) {
        content();
      } else {
        field(name);
        walk();
      }
    }
  }

  // OpenAI: image_url holds a URL, or an object with one; input_audio stands for itself

  /** Walks the value that the parser is at to its end. */
  private void walk() throws IOException {
    int depth = parser.currentToken().isStructStart() ? 1 : 0;
    while (depth > 0) {
      var token = parser.nextToken();
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        if (parser.nextToken().isStructStart()) {
          depth++;
        }
        field(name);
      }
    }
  }

  /** A field, whose value the parser is at. */
  private void field(String name) throws IOException {
    switch (name) {
      case "image_url" -> {
        images++;
        imageBytes += inlineBytes();
      }
      case "url" -> {
        if ("image_url".equals(parentName())) {
          imageBytes += inlineBytes();
        }
      }
      case "input_audio" -> audio = true;
      default -> {} // bytes, like everything else
    }
  }

  private @Nullable String parentName() {
    var parent = parser.getParsingContext().getParent();
    return parent == null ? null : parent.getCurrentName();
  }

  /** Bytes of a data URL; 0 for any other value. */
  private long inlineBytes() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      return 0;
    }
    var length = parser.getTextLength();
    var isData =
        length > DATA_URL.length()
            && new String(parser.getTextCharacters(), parser.getTextOffset(), DATA_URL.length())
                .equals(DATA_URL);
    return isData ? length : 0;
  }

  // Anthropic: {"type":"image","source":{"data":…}}, only as a block of content; the arguments of a
  // tool call may look like one, and are not

  /** Content that the parser is at: a text, or blocks. */
  private void content() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        block();
      } else {
        parser.skipChildren();
      }
    }
  }

  private void block() throws IOException {
    var isImage = false;
    long inline = 0;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      var token = parser.nextToken();
      switch (name) {
        case "type" -> isImage = "image".equals(Values.text(parser));
        case "source" -> {
          if (token == JsonToken.START_OBJECT) {
            inline = dataBytes();
          }
        }
        case "content" -> content(); // of a tool's result
        default -> parser.skipChildren();
      }
      parser.skipChildren();
    }
    if (isImage) {
      images++;
      imageBytes += inline;
    }
  }

  private long dataBytes() throws IOException {
    long bytes = 0;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      var token = parser.nextToken();
      if (name.equals("data") && token == JsonToken.VALUE_STRING) {
        bytes = parser.getTextLength();
      }
      parser.skipChildren();
    }
    return bytes;
  }
}
