package io.penstock.simulator.gemini;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.Answer.Choice;
import io.penstock.simulator.inference.Answer.Finish;
import io.penstock.simulator.inference.Answer.ToolCall;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;

/** Writes the answer of generateContent as one JSON object. */
final class GenerateWriter {
  private static final int BYTES_PER_TOKEN = 7;
  private static final int BYTES_AROUND = 500;

  private GenerateWriter() {}

  static JsonBytes write(Answer answer, Telling telling) {
    return JsonBytes.of(
        BYTES_AROUND + answer.outputTokens() * BYTES_PER_TOKEN,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("candidates");
          for (int index = 0; index < answer.choices().size(); index++) {
            writeCandidate(json, index, answer.choices().get(index), telling);
          }
          json.writeEndArray();
          writeTail(json, answer, telling, answer.outputTokens() - answer.reasoningTokens());
          json.writeEndObject();
        });
  }

  private static void writeCandidate(JsonGenerator json, int index, Choice choice, Telling telling)
      throws IOException {
    json.writeStartObject();
    if (choice.tokens() > choice.hiddenThoughts() && choice.finish() != Finish.REFUSED) {
      json.writeObjectFieldStart("content");
      json.writeArrayFieldStart("parts");
      if (choice.thoughts().tokens() > 0) {
        json.writeStartObject();
        writeText(json, choice.thoughts().escaped());
        json.writeBooleanField("thought", true);
        json.writeEndObject();
      }
      if (choice.text().tokens() > 0) {
        json.writeStartObject();
        writeText(json, choice.text().escaped());
        if (choice.reasoningTokens() > 0) {
          json.writeStringField("thoughtSignature", signature(telling));
        }
        json.writeEndObject();
      }
      for (int call = 0; call < choice.calls().size(); call++) {
        writeCall(json, choice.calls().get(call), call, telling);
      }
      json.writeEndArray();
      json.writeStringField("role", "model");
      json.writeEndObject();
    }
    writeFinish(json, choice, telling);
    json.writeNumberField("index", index);
    json.writeEndObject();
  }

  static void writeText(JsonGenerator json, JsonBytes escaped) throws IOException {
    json.writeFieldName("text");
    json.writeRawUTF8String(escaped.array(), 0, escaped.length());
  }

  /** Of several calls only the first carries the signature. */
  static void writeCall(JsonGenerator json, ToolCall call, int number, Telling telling)
      throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("functionCall");
    json.writeStringField("name", call.name());
    json.writeFieldName("args");
    var arguments = String.join("", call.arguments().pieces());
    json.writeRawValue(arguments.endsWith("}") ? arguments : "{}");
    json.writeEndObject();
    if (number == 0) {
      json.writeStringField("thoughtSignature", signature(telling));
    }
    json.writeEndObject();
  }

  static String signature(Telling telling) {
    return telling.id("CrQBAdHtim") + "==";
  }

  static void writeFinish(JsonGenerator json, Choice choice, Telling telling) throws IOException {
    if (telling.omits(Omission.FINISH)) {
      return;
    }
    json.writeStringField(
        "finishReason",
        switch (choice.finish()) {
          // Also when a function is to be called.
          case STOP, TOOL_CALLS -> "STOP";
          case LENGTH -> "MAX_TOKENS";
          case FILTERED -> "SAFETY";
          case REFUSED -> "PROHIBITED_CONTENT";
        });
  }

  /** What follows the candidates in every chunk. */
  static void writeTail(JsonGenerator json, Answer answer, Telling telling, int saidTokens)
      throws IOException {
    if (!telling.omits(Omission.USAGE)) {
      int prompt = answer.request().promptTokens();
      int thoughts = answer.reasoningTokens();
      json.writeObjectFieldStart("usageMetadata");
      json.writeNumberField("promptTokenCount", prompt);
      if (!telling.omits(Omission.USAGE_OF_OUTPUT)) {
        if (saidTokens > 0) {
          json.writeNumberField("candidatesTokenCount", saidTokens);
        }
        json.writeNumberField("totalTokenCount", prompt + thoughts + saidTokens);
        if (answer.cachedTokens() > 0) {
          json.writeNumberField("cachedContentTokenCount", answer.cachedTokens());
        }
        if (thoughts > 0) {
          json.writeNumberField("thoughtsTokenCount", thoughts);
        }
      }
      json.writeEndObject();
    }
    json.writeStringField("modelVersion", answer.request().model());
    json.writeStringField("responseId", telling.id("r"));
  }
}
