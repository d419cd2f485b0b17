package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.openai.ChatAnswer.Choice;
import java.io.IOException;

/** Writes a chat completion as one JSON object. */
public final class ChatWriter {
  private static final int BYTES_PER_TOKEN = 7;
  private static final int BYTES_AROUND = 900;

  static final String FINGERPRINT = "fp_penstock_sim";

  private ChatWriter() {}

  /** The body. */
  public static JsonBytes write(ChatAnswer answer, String id, long createdSeconds) {
    int room = BYTES_AROUND + answer.outputTokens() * BYTES_PER_TOKEN;
    return JsonBytes.of(
        room,
        json -> {
          json.writeStartObject();
          json.writeStringField("id", id);
          json.writeStringField("object", "chat.completion");
          json.writeNumberField("created", createdSeconds);
          json.writeStringField("model", answer.request().model());
          json.writeArrayFieldStart("choices");
          for (int index = 0; index < answer.choices().size(); index++) {
            writeChoice(json, index, answer.choices().get(index));
          }
          json.writeEndArray();
          json.writeFieldName("usage");
          writeUsage(json, answer);
          json.writeStringField("service_tier", "default");
          json.writeStringField("system_fingerprint", FINGERPRINT);
          json.writeEndObject();
        });
  }

  private static void writeChoice(JsonGenerator json, int index, Choice choice) throws IOException {
    json.writeStartObject();
    json.writeNumberField("index", index);
    json.writeObjectFieldStart("message");
    json.writeStringField("role", "assistant");
    json.writeFieldName("content");
    var text = new JsonBytes(choice.tokens() * BYTES_PER_TOKEN);
    var words = new AnswerText(choice.textHash());
    for (int token = 0; token < choice.tokens(); token++) {
      words.next(text);
    }
    json.writeRawUTF8String(text.array(), 0, text.length());
    json.writeNullField("refusal");
    json.writeArrayFieldStart("annotations");
    json.writeEndArray();
    json.writeEndObject();
    json.writeNullField("logprobs");
    json.writeStringField("finish_reason", choice.finish().wireName());
    json.writeEndObject();
  }

  static void writeUsage(JsonGenerator json, ChatAnswer answer) throws IOException {
    int prompt = answer.request().promptTokens();
    int output = answer.outputTokens();
    json.writeStartObject();
    json.writeNumberField("prompt_tokens", prompt);
    json.writeNumberField("completion_tokens", output);
    json.writeNumberField("total_tokens", prompt + output);
    json.writeObjectFieldStart("prompt_tokens_details");
    json.writeNumberField("cached_tokens", 0);
    json.writeNumberField("audio_tokens", 0);
    json.writeEndObject();
    json.writeObjectFieldStart("completion_tokens_details");
    json.writeNumberField("reasoning_tokens", 0);
    json.writeNumberField("audio_tokens", 0);
    json.writeNumberField("accepted_prediction_tokens", 0);
    json.writeNumberField("rejected_prediction_tokens", 0);
    json.writeEndObject();
    json.writeEndObject();
  }
}
