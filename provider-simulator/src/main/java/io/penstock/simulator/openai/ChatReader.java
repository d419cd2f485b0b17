package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.simulator.openai.InferenceRequest.Chat;
import io.penstock.simulator.openai.InferenceRequest.Delivery;
import java.io.IOException;
import java.util.OptionalInt;

/** Reads the body of a chat completion. */
public final class ChatReader extends RequestReader {
  private static final int OUTPUT_TOKENS_MAX = 1_000_000;
  private static final int CHOICES_MAX = 128;

  private final TextDigest content = new TextDigest();
  private int messages = -1;
  private int promptTokens = Tokens.PER_PROMPT;
  private OptionalInt outputTokensMax = OptionalInt.empty();
  private int choices = 1;
  private Stream stream = Stream.OFF;
  private boolean includeUsage;

  private enum Stream {
    ON,
    OFF
  }

  private ChatReader() {}

  /** The request, or the error that says why it is none. */
  public static InferenceRequest parse(byte[] body) {
    return new ChatReader().read(body);
  }

  @Override
  void field(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "messages" -> readMessages(parser);
      case "max_tokens", "max_completion_tokens" -> {
        if (!isNull(parser)) {
          int bound = integer(name, parser, 1, OUTPUT_TOKENS_MAX);
          outputTokensMax = OptionalInt.of(Math.min(bound, outputTokensMax.orElse(bound)));
        }
      }
      case "n" -> {
        if (!isNull(parser)) {
          choices = integer(name, parser, 1, CHOICES_MAX);
        }
      }
      case "stream" -> {
        if (!isNull(parser)) {
          stream = flag(name, parser) ? Stream.ON : Stream.OFF;
        }
      }
      case "stream_options" -> readStreamOptions(parser);
      default -> parser.skipChildren();
    }
  }

  @Override
  InferenceRequest finish(String modelName) {
    if (messages < 0) {
      throw new Refusal(OpenAiError.parameterMissing("messages"));
    }
    if (messages == 0) {
      throw new Refusal(OpenAiError.arrayEmpty("messages"));
    }
    var delivery =
        switch (stream) {
          case OFF -> Delivery.WHOLE;
          case ON -> includeUsage ? Delivery.STREAM_WITH_USAGE : Delivery.STREAM;
        };
    return new Chat(modelName, promptTokens, content.hash(), outputTokensMax, choices, delivery);
  }

  private void readMessages(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new Refusal(OpenAiError.typeWrong("messages", "an array of objects"));
    }
    messages = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw new Refusal(OpenAiError.typeWrong("messages[" + messages + "]", "an object"));
      }
      long before = content.bytes();
      readTexts(parser);
      messages++;
      promptTokens += Tokens.PER_MESSAGE + Tokens.ofBytes(content.bytes() - before);
    }
  }

  /** Takes every string of a message but roles and part types, which a template replaces. */
  private void readTexts(JsonParser parser) throws IOException {
    int depth = 1;
    boolean counts = true;
    while (depth > 0) {
      switch (parser.nextToken()) {
        case START_OBJECT, START_ARRAY -> depth++;
        case END_OBJECT, END_ARRAY -> depth--;
        case FIELD_NAME -> {
          var name = parser.currentName();
          counts = !name.equals("role") && !name.equals("type");
        }
        case VALUE_STRING -> {
          if (counts) {
            content.add(parser);
          }
        }
        case null, default -> {
          // Numbers and the like are no text; the parser itself refuses an early end.
        }
      }
    }
  }

  private void readStreamOptions(JsonParser parser) throws IOException {
    if (isNull(parser)) {
      return;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new Refusal(OpenAiError.typeWrong("stream_options", "an object"));
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var name = parser.currentName();
      parser.nextToken();
      if (name.equals("include_usage")) {
        includeUsage = flag("stream_options.include_usage", parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static boolean flag(String name, JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null, default -> throw new Refusal(OpenAiError.typeWrong(name, "a boolean"));
    };
  }
}
