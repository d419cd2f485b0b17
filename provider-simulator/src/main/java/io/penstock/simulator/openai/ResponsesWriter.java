package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.Answer.Choice;
import io.penstock.simulator.inference.Answer.Finish;
import io.penstock.simulator.inference.Answer.ToolCall;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Writes a response as one JSON object. */
final class ResponsesWriter {
  /** How far a response is. */
  enum Status {
    IN_PROGRESS,
    COMPLETED,
    INCOMPLETE;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private ResponsesWriter() {}

  static JsonBytes write(Answer answer, Telling telling) {
    var status = telling.omits(Omission.FINISH) ? Status.IN_PROGRESS : end(answer);
    return JsonBytes.of(2_048, json -> write(json, answer, telling, status, answer.choices()));
  }

  /** The state in which an answer ends. */
  static Status end(Answer answer) {
    return answer.choices().stream()
            .map(Choice::finish)
            .anyMatch(finish -> finish == Finish.LENGTH || finish == Finish.FILTERED)
        ? Status.INCOMPLETE
        : Status.COMPLETED;
  }

  /**
   * The object.
   *
   * @param told what has been said so far
   */
  static void write(
      JsonGenerator json, Answer answer, Telling telling, Status status, List<Choice> told)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("id", telling.id("resp_"));
    json.writeStringField("object", "response");
    json.writeNumberField("created_at", telling.createdSeconds());
    json.writeStringField("status", status.wireName());
    json.writeBooleanField("background", false);
    json.writeNullField("error");
    if (status == Status.INCOMPLETE) {
      json.writeObjectFieldStart("incomplete_details");
      boolean filtered =
          answer.choices().stream().anyMatch(choice -> choice.finish() == Finish.FILTERED);
      json.writeStringField("reason", filtered ? "content_filter" : "max_output_tokens");
      json.writeEndObject();
    } else {
      json.writeNullField("incomplete_details");
    }
    json.writeNullField("instructions");
    json.writeNullField("max_output_tokens");
    json.writeStringField("model", answer.request().model());
    json.writeArrayFieldStart("output");
    for (var choice : told) {
      writeItems(json, choice, telling);
    }
    json.writeEndArray();
    json.writeBooleanField("parallel_tool_calls", true);
    json.writeNullField("previous_response_id");
    json.writeFieldName("reasoning");
    json.writeRawValue("{\"effort\":null,\"summary\":null}");
    json.writeStringField("service_tier", "default");
    json.writeBooleanField("store", false);
    json.writeNumberField("temperature", 1);
    json.writeFieldName("text");
    json.writeRawValue("{\"format\":{\"type\":\"text\"}}");
    json.writeStringField("tool_choice", "auto");
    json.writeFieldName("tools");
    json.writeRawValue("[]");
    json.writeNumberField("top_p", 1);
    json.writeStringField("truncation", "disabled");
    if (status == Status.IN_PROGRESS || telling.omits(Omission.USAGE)) {
      json.writeNullField("usage");
    } else {
      json.writeFieldName("usage");
      writeUsage(json, answer, telling);
    }
    json.writeNullField("user");
    json.writeFieldName("metadata");
    json.writeRawValue("{}");
    json.writeEndObject();
  }

  private static void writeItems(JsonGenerator json, Choice choice, Telling telling)
      throws IOException {
    if (choice.thoughts().tokens() > 0) {
      writeReasoning(json, choice, telling);
    }
    if (choice.text().tokens() > 0 || choice.calls().isEmpty()) {
      writeMessage(json, choice, telling);
    }
    for (var call : choice.calls()) {
      writeCall(json, call, Status.COMPLETED);
    }
  }

  static void writeReasoning(JsonGenerator json, Choice choice, Telling telling)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("id", telling.id("rs_"));
    json.writeStringField("type", "reasoning");
    json.writeArrayFieldStart("summary");
    json.writeStartObject();
    json.writeStringField("type", "summary_text");
    ChatWriter.writeText(json, "text", choice.thoughts());
    json.writeEndObject();
    json.writeEndArray();
    json.writeStringField("encrypted_content", telling.id("gAAAAA"));
    json.writeEndObject();
  }

  static void writeMessage(JsonGenerator json, Choice choice, Telling telling) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", telling.id("msg_"));
    json.writeStringField("type", "message");
    json.writeStringField(
        "status", choice.finish() == Finish.LENGTH ? "incomplete" : Status.COMPLETED.wireName());
    json.writeStringField("role", "assistant");
    json.writeArrayFieldStart("content");
    writePart(json, choice);
    json.writeEndArray();
    json.writeEndObject();
  }

  static void writePart(JsonGenerator json, Choice choice) throws IOException {
    json.writeStartObject();
    if (choice.finish() == Finish.REFUSED) {
      json.writeStringField("type", "refusal");
      ChatWriter.writeText(json, "refusal", choice.text());
    } else {
      json.writeStringField("type", "output_text");
      json.writeFieldName("annotations");
      json.writeRawValue("[]");
      json.writeFieldName("logprobs");
      json.writeRawValue("[]");
      ChatWriter.writeText(json, "text", choice.text());
    }
    json.writeEndObject();
  }

  static void writeCall(JsonGenerator json, ToolCall call, Status status) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", call.id("fc_"));
    json.writeStringField("type", "function_call");
    json.writeStringField("status", status.wireName());
    if (status == Status.COMPLETED) {
      ChatWriter.writeText(json, "arguments", call.arguments());
    } else {
      json.writeStringField("arguments", "");
    }
    json.writeStringField("call_id", call.id("call_"));
    json.writeStringField("name", call.name());
    json.writeEndObject();
  }

  private static void writeUsage(JsonGenerator json, Answer answer, Telling telling)
      throws IOException {
    int input = answer.request().promptTokens();
    json.writeStartObject();
    json.writeNumberField("input_tokens", input);
    if (!telling.omits(Omission.USAGE_OF_OUTPUT)) {
      json.writeObjectFieldStart("input_tokens_details");
      json.writeNumberField("cached_tokens", answer.cachedTokens());
      json.writeEndObject();
      json.writeNumberField("output_tokens", answer.outputTokens());
      json.writeObjectFieldStart("output_tokens_details");
      json.writeNumberField("reasoning_tokens", answer.reasoningTokens());
      json.writeEndObject();
      json.writeNumberField("total_tokens", input + answer.outputTokens());
    }
    json.writeEndObject();
  }
}
