package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.worker.dialect.Json;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One pass over an answer, without building a tree of it: what is there, why the model stopped, and
 * where the usage object is. Not thread-safe.
 */
final class AnswerScan {

  private final byte[] body;

  /** Whether there is an {@code error} that is not null. */
  boolean error;

  /** Answers in {@code choices}. */
  int choices;

  /** Vectors in {@code data}. */
  int vectors;

  /** Whether the first vector is written as text (base64) rather than as an array of numbers. */
  boolean vectorIsText;

  /** Whether some answer holds something: text, a tool call, a refusal, audio, … */
  boolean content;

  /** Bytes of text in all answers. */
  long textBytes;

  /** Of the first answer. */
  @Nullable String finishReason;

  /** In which tier the provider says that it served the call. */
  @Nullable String serviceTier;

  /** The usage object as it was sent. */
  byte @Nullable [] usage;

  private AnswerScan(byte[] body) {
    this.body = body;
  }

  /**
   * Scans an answer.
   *
   * @throws IOException when it is not one whole JSON object
   */
  static AnswerScan of(byte[] body) throws IOException {
    var scan = new AnswerScan(body);
    try (var parser = Json.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        scan.field(parser, parser.currentName());
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new IOException("more than one value");
      }
    }
    return scan;
  }

  private void field(JsonParser parser, String name) throws IOException {
    var token = parser.nextToken();
    switch (name) {
      case "error" -> {
        error = token != JsonToken.VALUE_NULL;
        parser.skipChildren();
      }
      case "choices" -> {
        if (token == JsonToken.START_ARRAY) {
          choices(parser);
        }
      }
      case "data" -> {
        if (token == JsonToken.START_ARRAY) {
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            vectors++;
            vector(parser);
          }
        }
      }
      case "service_tier" -> {
        serviceTier = token == JsonToken.VALUE_STRING ? parser.getText() : null;
        parser.skipChildren();
      }
      case "usage" -> {
        if (token == JsonToken.START_OBJECT) {
          var from = (int) parser.currentTokenLocation().getByteOffset();
          parser.skipChildren();
          usage = Arrays.copyOfRange(body, from, (int) parser.currentLocation().getByteOffset());
        } else {
          parser.skipChildren();
        }
      }
      default -> parser.skipChildren();
    }
  }

  private void vector(JsonParser parser) throws IOException {
    if (vectors > 1 || parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var embedding = parser.currentName().equals("embedding");
      vectorIsText |= parser.nextToken() == JsonToken.VALUE_STRING && embedding;
      parser.skipChildren();
    }
  }

  private void choices(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        parser.skipChildren();
        continue;
      }
      choices++;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        var token = parser.nextToken();
        if (name.equals("finish_reason") && token == JsonToken.VALUE_STRING) {
          finishReason = finishReason == null ? parser.getText() : finishReason;
        } else if (name.equals("message") && token == JsonToken.START_OBJECT) {
          message(parser);
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  private void message(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var name = parser.currentName();
      var token = parser.nextToken();
      switch (name) {
        case "role", "annotations" -> parser.skipChildren();
        default -> {
          if (token == JsonToken.VALUE_STRING) {
            textBytes += parser.getTextLength();
            content |= parser.getTextLength() > 0;
          } else if (token == JsonToken.START_ARRAY) {
            content |= parser.nextToken() != JsonToken.END_ARRAY;
            skipArray(parser);
          } else if (token == JsonToken.START_OBJECT) {
            content = true;
            parser.skipChildren();
          }
        }
      }
    }
  }

  /** Leaves an array whose first token was read already. */
  private static void skipArray(JsonParser parser) throws IOException {
    while (parser.currentToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      parser.nextToken();
    }
  }
}
