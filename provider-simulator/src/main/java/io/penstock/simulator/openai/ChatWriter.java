package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.Answer.Choice;
import io.penstock.simulator.inference.Answer.Finish;
import io.penstock.simulator.inference.Words;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;

/** Writes a chat completion as one JSON object. */
final class ChatWriter {
  private static final int BYTES_PER_TOKEN = 7;
  private static final int BYTES_AROUND = 900;

  static final String FINGERPRINT = "fp_penstock_sim";

  private ChatWriter() {}

  static JsonBytes write(Answer answer, Telling telling, Flavour flavour) {
    int room = BYTES_AROUND + answer.outputTokens() * BYTES_PER_TOKEN;
    return JsonBytes.of(
        room,
        json -> {
          json.writeStartObject();
          json.writeStringField("id", telling.id("chatcmpl-"));
          json.writeStringField("object", "chat.completion");
          json.writeNumberField("created", telling.createdSeconds());
          json.writeStringField("model", answer.request().model());
          if (flavour == Flavour.AZURE) {
            json.writeFieldName("prompt_filter_results");
            json.writeRawValue(AzureFilters.PROMPT);
          }
          json.writeArrayFieldStart("choices");
          for (int index = 0; index < answer.choices().size(); index++) {
            writeChoice(json, index, answer.choices().get(index), telling, flavour);
          }
          json.writeEndArray();
          if (!telling.omits(Omission.USAGE)) {
            json.writeFieldName("usage");
            writeUsage(json, answer, telling);
          }
          json.writeStringField("service_tier", "default");
          json.writeStringField("system_fingerprint", FINGERPRINT);
          json.writeEndObject();
        });
  }

  private static void writeChoice(
      JsonGenerator json, int index, Choice choice, Telling telling, Flavour flavour)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("index", index);
    json.writeObjectFieldStart("message");
    json.writeStringField("role", "assistant");
    boolean refused = choice.finish() == Finish.REFUSED;
    if (choice.text().tokens() == 0 && !choice.calls().isEmpty() || refused) {
      json.writeNullField("content");
    } else {
      writeText(json, "content", choice.text());
    }
    if (refused) {
      writeText(json, "refusal", choice.text());
    } else {
      json.writeNullField("refusal");
    }
    if (choice.thoughts().tokens() > 0) {
      writeText(json, "reasoning_content", choice.thoughts());
    }
    if (!choice.calls().isEmpty()) {
      json.writeArrayFieldStart("tool_calls");
      for (var call : choice.calls()) {
        json.writeStartObject();
        json.writeStringField("id", call.id("call_"));
        json.writeStringField("type", "function");
        json.writeObjectFieldStart("function");
        json.writeStringField("name", call.name());
        writeText(json, "arguments", call.arguments());
        json.writeEndObject();
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeArrayFieldStart("annotations");
    json.writeEndArray();
    json.writeEndObject();
    json.writeNullField("logprobs");
    if (telling.omits(Omission.FINISH)) {
      json.writeNullField("finish_reason");
    } else {
      json.writeStringField("finish_reason", finish(choice.finish()));
    }
    if (flavour == Flavour.AZURE) {
      json.writeFieldName("content_filter_results");
      json.writeRawValue(AzureFilters.CONTENT);
    }
    json.writeEndObject();
  }

  static void writeText(JsonGenerator json, String name, Words words) throws IOException {
    json.writeFieldName(name);
    var text = words.escaped();
    json.writeRawUTF8String(text.array(), 0, text.length());
  }

  static String finish(Finish finish) {
    return switch (finish) {
      case STOP, REFUSED -> "stop";
      case LENGTH -> "length";
      case TOOL_CALLS -> "tool_calls";
      case FILTERED -> "content_filter";
    };
  }

  static void writeUsage(JsonGenerator json, Answer answer, Telling telling) throws IOException {
    int prompt = answer.request().promptTokens();
    int output = answer.outputTokens();
    json.writeStartObject();
    json.writeNumberField("prompt_tokens", prompt);
    if (telling.omits(Omission.USAGE_OF_OUTPUT)) {
      json.writeEndObject();
      return;
    }
    json.writeNumberField("completion_tokens", output);
    json.writeNumberField("total_tokens", prompt + output);
    json.writeObjectFieldStart("prompt_tokens_details");
    json.writeNumberField("cached_tokens", answer.cachedTokens());
    json.writeNumberField("audio_tokens", 0);
    json.writeEndObject();
    json.writeObjectFieldStart("completion_tokens_details");
    json.writeNumberField("reasoning_tokens", answer.reasoningTokens());
    json.writeNumberField("audio_tokens", 0);
    json.writeNumberField("accepted_prediction_tokens", 0);
    json.writeNumberField("rejected_prediction_tokens", 0);
    json.writeEndObject();
    json.writeEndObject();
  }
}
