package io.penstock.ingress.accept;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One pass over one body. Used once, by one thread. */
final class BodyScan {

  private static final int CHOICES_MAX = 128;
  private static final long OUTPUT_TOKENS_MAX = 100_000_000;
  private static final int MODEL_LENGTH_MAX = 256;
  private static final int END_USER_LENGTH_MAX = 256;
  private static final int TAGS_MAX = 16;
  private static final int TAG_LENGTH_MAX = 64;
  private static final String DATA_URL = "data:";

  private final Surface surface;
  private final JsonParser parser;
  private final int bytes;

  private final List<String> tags = new ArrayList<>(0);
  private @Nullable String model;
  private @Nullable String user;
  private @Nullable String safetyIdentifier;
  private @Nullable Long outputTokensMax;
  private int choices = 1;
  private boolean stream;
  private boolean jsonSchema;
  private boolean promptSeen;
  private long messages;
  private long tools;
  private long images;
  private long imageBytes;

  BodyScan(Surface surface, JsonParser parser, int bytes) {
    if (surface != Surface.OPENAI_CHAT && surface != Surface.OPENAI_EMBEDDINGS) {
      throw new IllegalArgumentException("no reader for bodies of " + surface);
    }
    this.surface = surface;
    this.parser = parser;
    this.bytes = bytes;
  }

  Parsed read() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      // a broken first token has thrown already
      return new Rejected(ErrorCode.INVALID_TYPE, null, "The body must be a JSON object.");
    }
    Rejected first = null;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      var rejected = field(name);
      skipValue();
      // read on: a syntax error further down is the more helpful answer
      first = first == null ? rejected : first;
    }
    if (parser.nextToken() != null) {
      return new Rejected(
          ErrorCode.INVALID_JSON,
          null,
          "The body is not valid JSON: something follows the object.");
    }
    return first == null ? whole() : first;
  }

  private @Nullable Rejected field(String name) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null; // null is how some client libraries say absent
    }
    return switch (name) {
      case "model" -> model();
      case "stream" -> stream();
      case "metadata" -> metadata();
      case "user" -> {
        user = text();
        yield checkedUser("user", user);
      }
      case "safety_identifier" -> {
        safetyIdentifier = text();
        yield checkedUser("safety_identifier", safetyIdentifier);
      }
      default -> surface == Surface.OPENAI_CHAT ? chatField(name) : embeddingsField(name);
    };
  }

  private @Nullable Rejected chatField(String name) throws IOException {
    return switch (name) {
      case "messages" -> messages();
      case "max_tokens", "max_completion_tokens" -> outputTokens(name);
      case "n" -> choices();
      case "tools", "functions" -> tools(name);
      case "response_format" -> responseFormat();
      default -> null;
    };
  }

  private @Nullable Rejected embeddingsField(String name) throws IOException {
    if (!name.equals("input")) {
      return null;
    }
    promptSeen = true;
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getTextLength() == 0 ? empty("input") : null;
      case START_ARRAY -> {
        messages = elements();
        yield messages == 0 ? empty("input") : null;
      }
      default -> type("input", "a string or an array");
    };
  }

  private Parsed whole() {
    if (model == null) {
      return missing("model");
    }
    if (!promptSeen) {
      return missing(surface == Surface.OPENAI_CHAT ? "messages" : "input");
    }
    var facts =
        new RequestFacts(
            TokenBound.of(bytes - imageBytes, messages, tools, images),
            outputTokensMax,
            choices,
            stream,
            tools > 0,
            images > 0,
            jsonSchema,
            false,
            false,
            java.util.Map.of());
    return new ParsedBody(model, facts, user == null ? safetyIdentifier : user, stream, tags);
  }

  private @Nullable Rejected model() throws IOException {
    var name = text();
    if (name == null) {
      return type("model", "a string");
    }
    if (name.isEmpty() || name.length() > MODEL_LENGTH_MAX) {
      return new Rejected(
          ErrorCode.INVALID_REQUEST,
          "model",
          "'model' must have 1 to " + MODEL_LENGTH_MAX + " characters.");
    }
    model = name;
    return null;
  }

  private @Nullable Rejected stream() {
    if (!parser.currentToken().isBoolean()) {
      return type("stream", "a boolean");
    }
    stream = parser.currentToken() == JsonToken.VALUE_TRUE;
    return null;
  }

  private @Nullable Rejected checkedUser(String name, @Nullable String value) {
    if (value == null) {
      return type(name, "a string");
    }
    return value.length() > END_USER_LENGTH_MAX
        ? new Rejected(
            ErrorCode.INVALID_REQUEST,
            name,
            "'" + name + "' must have at most " + END_USER_LENGTH_MAX + " characters.")
        : null;
  }

  private @Nullable Rejected messages() throws IOException {
    promptSeen = true;
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return type("messages", "an array");
    }
    Rejected rejected = null;
    for (var token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      if (token == JsonToken.START_OBJECT) {
        message();
      } else if (rejected == null) {
        rejected = type("messages[" + messages + "]", "an object");
        skipValue();
      } else {
        skipValue();
      }
      messages++;
    }
    return messages == 0 ? empty("messages") : rejected;
  }

  /** Walks a message to its end, looking for images. */
  private void message() throws IOException {
    for (int depth = 1; depth > 0; ) {
      var token = parser.nextToken();
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.FIELD_NAME && parser.currentName().equals("image_url")) {
        images++;
      } else if (token == JsonToken.VALUE_STRING && "url".equals(parser.currentName())) {
        imageBytes += inlineBytes();
      }
    }
  }

  /** Bytes of a data URL of an image; 0 for any other text. */
  private long inlineBytes() throws IOException {
    var length = parser.getTextLength();
    var isImage =
        length > DATA_URL.length()
            && new String(parser.getTextCharacters(), parser.getTextOffset(), DATA_URL.length())
                .equals(DATA_URL)
            && "image_url".equals(parser.getParsingContext().getParent().getCurrentName());
    return isImage ? length : 0;
  }

  private @Nullable Rejected outputTokens(String name) throws IOException {
    var number = wholeNumber();
    if (number == null) {
      return type(name, "an integer");
    }
    if (number < 1 || number > OUTPUT_TOKENS_MAX) {
      return new Rejected(
          ErrorCode.INVALID_REQUEST,
          name,
          "'" + name + "' must be from 1 to " + OUTPUT_TOKENS_MAX + ".");
    }
    // with both given, the larger bounds what either reading of them can cost
    outputTokensMax =
        outputTokensMax == null ? number : Long.valueOf(Math.max(outputTokensMax, number));
    return null;
  }

  private @Nullable Rejected choices() throws IOException {
    var number = wholeNumber();
    if (number == null) {
      return type("n", "an integer");
    }
    if (number < 1 || number > CHOICES_MAX) {
      return new Rejected(
          ErrorCode.INVALID_REQUEST, "n", "'n' must be from 1 to " + CHOICES_MAX + ".");
    }
    choices = number.intValue();
    return null;
  }

  private @Nullable Rejected tools(String name) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return type(name, "an array");
    }
    tools += elements();
    return null;
  }

  private @Nullable Rejected responseFormat() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return type("response_format", "an object");
    }
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      var token = parser.nextToken();
      if (name.equals("type") && token == JsonToken.VALUE_STRING) {
        jsonSchema = parser.getText().equals("json_schema");
      }
      skipValue();
    }
    return null;
  }

  /** Labels come as {@code metadata.tags}: a list of texts, or one text with commas. */
  private @Nullable Rejected metadata() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return type("metadata", "an object");
    }
    Rejected rejected = null;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      if (name.equals("tags")) {
        rejected = readTags();
      }
      skipValue();
    }
    return rejected;
  }

  private @Nullable Rejected readTags() throws IOException {
    switch (parser.currentToken()) {
      case VALUE_STRING -> tags.addAll(Tags.split(parser.getText()));
      case START_ARRAY -> {
        var onlyTexts = true;
        for (var token = parser.nextToken();
            token != JsonToken.END_ARRAY;
            token = parser.nextToken()) {
          if (token == JsonToken.VALUE_STRING) {
            tags.add(parser.getText());
          } else {
            onlyTexts = false;
            skipValue();
          }
        }
        if (!onlyTexts) {
          return type("metadata.tags", "an array of strings");
        }
      }
      default -> {
        return null; // not meant for us
      }
    }
    return Tags.valid(tags, TAGS_MAX, TAG_LENGTH_MAX)
        ? null
        : new Rejected(
            ErrorCode.INVALID_REQUEST,
            "metadata.tags",
            "At most " + TAGS_MAX + " tags of 1 to " + TAG_LENGTH_MAX + " characters.");
  }

  /** Counts the elements of the array that the parser is at the start of, and ends at its end. */
  private long elements() throws IOException {
    long count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      skipValue();
      count++;
    }
    return count;
  }

  private void skipValue() throws IOException {
    parser.skipChildren();
  }

  private @Nullable String text() throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
  }

  private @Nullable Long wholeNumber() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      return null;
    }
    return switch (parser.getNumberType()) {
      case INT, LONG -> parser.getLongValue();
      // beyond any bound, in its direction
      default -> parser.getText().startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
    };
  }

  private static Rejected missing(String param) {
    return new Rejected(
        ErrorCode.MISSING_REQUIRED_PARAMETER,
        param,
        "Missing required parameter: '" + param + "'.");
  }

  private static Rejected empty(String param) {
    return new Rejected(ErrorCode.INVALID_REQUEST, param, "'" + param + "' must not be empty.");
  }

  private static Rejected type(String param, String expected) {
    return new Rejected(
        ErrorCode.INVALID_TYPE,
        param,
        "Invalid type for '" + param + "': expected " + expected + ".");
  }
}
