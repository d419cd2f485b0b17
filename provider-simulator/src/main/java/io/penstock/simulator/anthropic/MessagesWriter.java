package io.penstock.simulator.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.Answer.Choice;
import io.penstock.simulator.inference.Answer.Finish;
import io.penstock.simulator.inference.Words;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;

/** Writes a message as one JSON object. */
final class MessagesWriter {
  private static final int BYTES_PER_TOKEN = 7;
  private static final int BYTES_AROUND = 700;

  private MessagesWriter() {}

  static JsonBytes write(Answer answer, Telling telling) {
    return JsonBytes.of(
        BYTES_AROUND + answer.outputTokens() * BYTES_PER_TOKEN,
        json -> {
          json.writeStartObject();
          writeHead(json, answer, telling);
          json.writeArrayFieldStart("content");
          for (var choice : answer.choices()) {
            writeBlocks(json, choice, telling);
          }
          json.writeEndArray();
          writeStop(json, answer, telling);
          if (!telling.omits(Omission.USAGE)) {
            json.writeFieldName("usage");
            writeUsage(json, answer, telling, answer.outputTokens());
          }
          json.writeEndObject();
        });
  }

  static void writeHead(JsonGenerator json, Answer answer, Telling telling) throws IOException {
    json.writeStringField("id", telling.id("msg_"));
    json.writeStringField("type", "message");
    json.writeStringField("role", "assistant");
    json.writeStringField("model", answer.request().model());
  }

  static void writeStop(JsonGenerator json, Answer answer, Telling telling) throws IOException {
    if (telling.omits(Omission.FINISH) || answer.choices().isEmpty()) {
      json.writeNullField("stop_reason");
    } else {
      json.writeStringField("stop_reason", stop(answer.choices().getFirst().finish()));
    }
    json.writeNullField("stop_sequence");
  }

  private static String stop(Finish finish) {
    return switch (finish) {
      case STOP -> "end_turn";
      case LENGTH -> "max_tokens";
      case TOOL_CALLS -> "tool_use";
      case FILTERED, REFUSED -> "refusal";
    };
  }

  private static void writeBlocks(JsonGenerator json, Choice choice, Telling telling)
      throws IOException {
    if (choice.thoughts().tokens() > 0) {
      json.writeStartObject();
      json.writeStringField("type", "thinking");
      writeText(json, "thinking", choice.thoughts());
      json.writeStringField("signature", signature(telling));
      json.writeEndObject();
    }
    if (choice.text().tokens() > 0) {
      json.writeStartObject();
      json.writeStringField("type", "text");
      writeText(json, "text", choice.text());
      json.writeEndObject();
    }
    for (var call : choice.calls()) {
      json.writeStartObject();
      json.writeStringField("type", "tool_use");
      json.writeStringField("id", call.id("toolu_"));
      json.writeStringField("name", call.name());
      json.writeFieldName("input");
      var input = String.join("", call.arguments().pieces());
      // Here arguments are an object, so broken ones can only be told in a stream.
      json.writeRawValue(input.endsWith("}") ? input : "{}");
      json.writeEndObject();
    }
  }

  static String signature(Telling telling) {
    return telling.id("EqQBCkYIBRgCKkD") + "==";
  }

  static void writeText(JsonGenerator json, String name, Words words) throws IOException {
    json.writeFieldName(name);
    var text = words.escaped();
    json.writeRawUTF8String(text.array(), 0, text.length());
  }

  /** Input is exclusive of what comes from the cache. */
  static void writeUsage(JsonGenerator json, Answer answer, Telling telling, int output)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("input_tokens", answer.request().promptTokens() - answer.cachedTokens());
    if (!telling.omits(Omission.USAGE_OF_OUTPUT)) {
      json.writeNumberField("cache_creation_input_tokens", 0);
      json.writeNumberField("cache_read_input_tokens", answer.cachedTokens());
      json.writeObjectFieldStart("cache_creation");
      json.writeNumberField("ephemeral_5m_input_tokens", 0);
      json.writeNumberField("ephemeral_1h_input_tokens", 0);
      json.writeEndObject();
      json.writeNumberField("output_tokens", output);
      json.writeStringField("service_tier", "standard");
    }
    json.writeEndObject();
  }
}
