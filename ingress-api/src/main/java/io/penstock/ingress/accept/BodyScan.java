package io.penstock.ingress.accept;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One pass over one body. Used once, by one thread. */
final class BodyScan {

  private static final int CHOICES_MAX = 128;
  private static final long OUTPUT_TOKENS_MAX = 100_000_000;
  private static final int MODEL_LENGTH_MAX = 256;
  private static final int END_USER_LENGTH_MAX = 256;
  private static final int SERVICE_TIER_LENGTH_MAX = 64;
  private static final int TAGS_MAX = 16;
  private static final int TAG_LENGTH_MAX = 64;
  private static final int METADATA_MAX = 16;
  private static final int METADATA_NAME_LENGTH_MAX = 64;
  private static final int METADATA_VALUE_LENGTH_MAX = 512;

  private final Surface surface;
  private final JsonParser parser;
  private final int bytes;
  private final PromptScan prompt;
  private final PreferenceScan preferences;

  private final List<String> tags = new ArrayList<>(0);
  private final Map<String, String> metadata = new HashMap<>(0);
  private final List<OwnFields.Span> ownFields = new ArrayList<>(0);
  private @Nullable String model;
  private @Nullable String user;
  private @Nullable String safetyIdentifier;
  private @Nullable String serviceTier;
  private @Nullable Long outputTokensMax;
  private int choices = 1;
  private boolean stream;
  private boolean jsonSchema;
  private boolean promptSeen;
  private long tools;

  /**
   * @throws IllegalArgumentException for a surface that has no reader
   */
  BodyScan(Surface surface, JsonParser parser, int bytes) {
    if (surface == Surface.UNKNOWN) {
      throw new IllegalArgumentException("no reader for bodies of " + surface);
    }
    this.surface = surface;
    this.parser = parser;
    this.bytes = bytes;
    this.prompt = new PromptScan(surface, parser);
    this.preferences = new PreferenceScan(parser);
  }

  Parsed read() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      // a broken first token has thrown already
      return new Rejected(ErrorCode.INVALID_TYPE, null, "The body must be a JSON object.");
    }
    Rejected first = null;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      var from = parser.currentTokenLocation().getByteOffset();
      parser.nextToken();
      var rejected = field(name);
      parser.skipChildren();
      if (PreferenceScan.owns(name)) {
        parser.finishToken();
        ownFields.add(
            new OwnFields.Span((int) from, (int) parser.currentLocation().getByteOffset()));
      }
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
      case "service_tier" -> serviceTier();
      case "models", "fallbacks", "provider" -> preferences.field(name);
      default ->
          switch (surface) {
            case OPENAI_CHAT -> chatField(name);
            case OPENAI_EMBEDDINGS -> embeddingsField(name);
            case OPENAI_RESPONSES -> responsesField(name);
            case ANTHROPIC_MESSAGES -> messagesField(name);
            case UNKNOWN -> null;
          };
    };
  }

  private @Nullable Rejected chatField(String name) throws IOException {
    return switch (name) {
      case "messages" -> messages(name);
      case "max_tokens", "max_completion_tokens" -> outputTokens(name);
      case "n" -> choices();
      case "tools", "functions" -> tools(name);
      case "response_format" -> format(name);
      case "user", "safety_identifier" -> user(name);
      default -> null;
    };
  }

  private @Nullable Rejected responsesField(String name) throws IOException {
    return switch (name) {
      case "input" -> parser.currentToken() == JsonToken.VALUE_STRING ? input() : messages(name);
      case "max_output_tokens" -> outputTokens(name);
      case "tools" -> tools(name);
      case "text" -> formatIn(name);
      case "user", "safety_identifier" -> user(name);
      case "background" ->
          parser.currentToken() == JsonToken.VALUE_FALSE
              ? null
              : Values.unsupported(
                  name, "Background responses are not available: leave 'background' out.");
      case "previous_response_id", "conversation", "prompt" ->
          // nobody here knows how much prompt they stand for
          Values.unsupported(
              name,
              "'" + name + "' refers to what the provider keeps: send the whole input instead.");
      default -> null;
    };
  }

  private @Nullable Rejected messagesField(String name) throws IOException {
    return switch (name) {
      case "messages" -> messages(name);
      case "max_tokens" -> outputTokens(name);
      case "tools" -> tools(name);
      case "output_config" -> formatIn(name);
      case "output_format" -> format(name);
      default -> null;
    };
  }

  private @Nullable Rejected embeddingsField(String name) throws IOException {
    return switch (name) {
      case "input" -> input();
      case "user", "safety_identifier" -> user(name);
      default -> null;
    };
  }

  /** A text, or a list of texts or tokens. */
  private @Nullable Rejected input() throws IOException {
    promptSeen = true;
    return switch (parser.currentToken()) {
      case VALUE_STRING -> {
        prompt.plain(surface == Surface.OPENAI_RESPONSES ? 1 : 0);
        yield parser.getTextLength() == 0 ? Values.empty("input") : null;
      }
      case START_ARRAY -> {
        var elements = Values.elements(parser);
        prompt.plain(elements);
        yield elements == 0 ? Values.empty("input") : null;
      }
      default -> Values.type("input", "a string or an array");
    };
  }

  private @Nullable Rejected messages(String name) throws IOException {
    promptSeen = true;
    return prompt.messages(name);
  }

  private Parsed whole() {
    if (model == null) {
      return Values.missing("model");
    }
    if (!promptSeen) {
      var isMessages = surface == Surface.OPENAI_CHAT || surface == Surface.ANTHROPIC_MESSAGES;
      return Values.missing(isMessages ? "messages" : "input");
    }
    if (surface == Surface.ANTHROPIC_MESSAGES && outputTokensMax == null) {
      return Values.missing("max_tokens");
    }
    var images = prompt.images();
    var facts =
        RequestFacts.newBuilder()
            .setInputTokensBound(
                TokenBound.of(bytes - prompt.imageBytes(), prompt.messages(), tools, images))
            .setOutputTokensMax(outputTokensMax)
            .setChoices(choices)
            .setStream(stream)
            .setTools(tools > 0)
            .setImages(images > 0)
            .setJsonSchema(jsonSchema)
            .setAudio(prompt.audio())
            .setPrefill(prompt.prefill())
            .setMetadata(metadata)
            .build();
    return new ParsedBody(
        model,
        facts,
        user == null ? safetyIdentifier : user,
        stream,
        tags,
        serviceTier,
        preferences.found(model),
        ownFields);
  }

  private @Nullable Rejected model() throws IOException {
    var name = Values.text(parser);
    if (name == null) {
      return Values.type("model", "a string");
    }
    if (name.isEmpty() || name.length() > MODEL_LENGTH_MAX) {
      return Values.invalid("model", "must have 1 to " + MODEL_LENGTH_MAX + " characters");
    }
    model = name;
    return null;
  }

  /** It only decides the price: whether there is such a tier is the provider's to say. */
  private @Nullable Rejected serviceTier() throws IOException {
    var tier = Values.text(parser);
    serviceTier = tier == null || tier.length() > SERVICE_TIER_LENGTH_MAX ? null : tier;
    return null;
  }

  private @Nullable Rejected stream() {
    if (!parser.currentToken().isBoolean()) {
      return Values.type("stream", "a boolean");
    }
    stream = parser.currentToken() == JsonToken.VALUE_TRUE;
    return null;
  }

  private @Nullable Rejected user(String name) throws IOException {
    var value = Values.text(parser);
    if (name.equals("user")) {
      user = value;
    } else {
      safetyIdentifier = value;
    }
    return checkedUser(name, value);
  }

  private static @Nullable Rejected checkedUser(String name, @Nullable String value) {
    if (value == null) {
      return Values.type(name, "a string");
    }
    return value.length() > END_USER_LENGTH_MAX
        ? Values.invalid(name, "must have at most " + END_USER_LENGTH_MAX + " characters")
        : null;
  }

  private @Nullable Rejected outputTokens(String name) throws IOException {
    var number = Values.wholeNumber(parser);
    if (number == null) {
      return Values.type(name, "an integer");
    }
    if (number < 1 || number > OUTPUT_TOKENS_MAX) {
      return Values.invalid(name, "must be from 1 to " + OUTPUT_TOKENS_MAX);
    }
    // with both given, the larger bounds what either reading of them can cost
    outputTokensMax =
        outputTokensMax == null ? number : Long.valueOf(Math.max(outputTokensMax, number));
    return null;
  }

  private @Nullable Rejected choices() throws IOException {
    var number = Values.wholeNumber(parser);
    if (number == null) {
      return Values.type("n", "an integer");
    }
    if (number < 1 || number > CHOICES_MAX) {
      return Values.invalid("n", "must be from 1 to " + CHOICES_MAX);
    }
    choices = number.intValue();
    return null;
  }

  private @Nullable Rejected tools(String name) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return Values.type(name, "an array");
    }
    tools += Values.elements(parser);
    return null;
  }

  /** An object whose {@code type} says whether a JSON schema is promised. */
  private @Nullable Rejected format(String name) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return Values.type(name, "an object");
    }
    jsonSchema |= "json_schema".equals(Values.textField(parser, "type"));
    return null;
  }

  /** The same, one level down, under {@code format}. */
  private @Nullable Rejected formatIn(String name) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return Values.type(name, "an object");
    }
    Rejected rejected = null;
    for (var field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      var token = parser.nextToken();
      if (field.equals("format") && token != JsonToken.VALUE_NULL) {
        rejected = format(name + ".format");
      }
      parser.skipChildren();
    }
    return rejected;
  }

  /**
   * Labels come as {@code metadata.tags}: a list of texts, or one text with commas. Anthropic's end
   * user comes as {@code metadata.user_id}. Short texts are kept for rules.
   */
  private @Nullable Rejected metadata() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return Values.type("metadata", "an object");
    }
    Rejected first = null;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      var rejected = metadataField(name);
      parser.skipChildren();
      first = first == null ? rejected : first;
    }
    return first;
  }

  private @Nullable Rejected metadataField(String name) throws IOException {
    var text = Values.text(parser);
    if (text != null
        && metadata.size() < METADATA_MAX
        && name.length() <= METADATA_NAME_LENGTH_MAX
        && text.length() <= METADATA_VALUE_LENGTH_MAX) {
      metadata.put(name, text);
    }
    if (name.equals("tags")) {
      return readTags();
    }
    if (name.equals("user_id")
        && surface == Surface.ANTHROPIC_MESSAGES
        && parser.currentToken() != JsonToken.VALUE_NULL) {
      user = text;
      return checkedUser("metadata.user_id", text);
    }
    return null;
  }

  private @Nullable Rejected readTags() throws IOException {
    switch (parser.currentToken()) {
      case VALUE_STRING -> tags.addAll(Tags.split(parser.getText()));
      case START_ARRAY -> {
        var texts = Values.texts(parser);
        if (texts == null) {
          return Values.type("metadata.tags", "an array of strings");
        }
        tags.addAll(texts);
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
}
