package io.penstock.worker.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;

/**
 * Whether a caller asked for the usage of a stream. We ask every provider, since we charge by it;
 * but OpenAI tells it, in a chunk without choices, only to those who set {@code
 * stream_options.include_usage}, and programs written for that read {@code choices[0]} of every
 * chunk.
 */
final class UsageQuestion {

  private UsageQuestion() {}

  /**
   * Whether the stream is to tell its usage.
   *
   * @param body the caller's JSON
   */
  static boolean asked(Surface surface, byte[] body) {
    return surface != Surface.OPENAI_CHAT || asked(body);
  }

  /** Whether an event has nothing for those who did not ask: no choice, and thus only usage. */
  static boolean onlyAnswers(byte[] event) {
    var from = 0;
    while (from < event.length && event[from] != '{') {
      from++;
    }
    try {
      return Json.MAPPER.readTree(event, from, event.length - from).path("choices").isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean asked(byte[] body) {
    try (var parser = Json.FACTORY.createParser(body)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          var options = parser.currentName().equals("stream_options");
          if (parser.nextToken() == JsonToken.START_OBJECT && options) {
            return included(parser);
          }
          parser.skipChildren();
        }
      }
    } catch (IOException e) {
      return false; // who makes the call says what is wrong with it
    }
    return false;
  }

  private static boolean included(JsonParser parser) throws IOException {
    var included = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var usage = parser.currentName().equals("include_usage");
      included |= parser.nextToken() == JsonToken.VALUE_TRUE && usage;
      parser.skipChildren();
    }
    return included;
  }
}
