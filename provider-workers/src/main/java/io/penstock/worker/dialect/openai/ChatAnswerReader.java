package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UsageEstimate;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Message.Output;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads whole answers of providers that speak chat completions. */
final class ChatAnswerReader {

  private ChatAnswerReader() {}

  static Read read(CallAssigned call, byte[] body, Instant now) {
    var json = Trees.objectOrNull(body);
    if (json == null) {
      return unusable(
          call, body.length == 0 ? "the answer is empty" : "the answer is not JSON", body, null);
    }
    var usage = usage(json, body);
    if (json.hasNonNull("error")) {
      return new Read.Failed(FailureClassifier.classifyError200(body), usage);
    }
    var choices = new ArrayList<Answer.Choice>();
    for (var choice : json.path("choices")) {
      var finish = Trees.nonEmptyOrNull(choice.path("finish_reason"));
      if (finish != null && Finishes.failed(finish)) {
        return new Read.Failed(Finishes.failure(finish), usage);
      }
      choices.add(choice(choice, finish));
    }
    if (choices.isEmpty()) {
      return unusable(call, "the answer holds no answer", body, usage);
    }
    return new Read.Answered(
        new Answer(
            json.path("id").asText(),
            json.path("model").asText(),
            createdAt(json, now),
            choices,
            usage == null ? UsageEstimate.of(call.getFacts(), bytes(choices), null) : usage,
            Trees.textOrNull(json.path("service_tier"))));
  }

  private static Read.Failed unusable(
      CallAssigned call, String message, byte[] body, @Nullable TokenUsage usage) {
    return new Read.Failed(
        FailureClassifier.unusable(200, message, body),
        usage == null ? UsageEstimate.of(call.getFacts(), null, null) : usage);
  }

  /**
   * The usage of an answer or chunk; null when it holds none.
   *
   * @param body the bytes that were parsed
   */
  static @Nullable TokenUsage usage(ObjectNode json, byte[] body) {
    var usage = counted(json, body);
    if (usage != null) {
      usage.setServiceTier(Trees.nonEmptyOrNull(json.path("service_tier")));
    }
    return usage;
  }

  private static @Nullable TokenUsage counted(ObjectNode json, byte[] body) {
    var usage = json.path("usage");
    if (usage.isObject()) {
      return OpenAiUsage.of(usage, verbatim(usage, body));
    }
    usage = json.path("x_groq").path("usage");
    return usage.isObject() ? OpenAiUsage.of(usage, Trees.bytes(usage)) : null;
  }

  private static byte[] verbatim(JsonNode usage, byte[] body) {
    try {
      var raw = AnswerScan.of(body).usage;
      return raw == null ? Trees.bytes(usage) : raw;
    } catch (IOException _) {
      return Trees.bytes(usage);
    }
  }

  private static Instant createdAt(ObjectNode json, Instant now) {
    var created = json.path("created");
    return created.isIntegralNumber() && created.longValue() > 0
        ? Instant.ofEpochSecond(created.longValue())
        : now;
  }

  private static Answer.Choice choice(JsonNode choice, @Nullable String finish) {
    var outputs = outputs(choice.path("message"));
    var called = outputs.stream().anyMatch(Output.Called.class::isInstance);
    return new Answer.Choice(
        outputs,
        Finishes.of(finish, called),
        nativeFinish(choice, finish),
        null,
        choice.path("logprobs").isObject() ? choice.get("logprobs") : null);
  }

  /** OpenRouter tells the word of the provider behind it. */
  static @Nullable String nativeFinish(JsonNode choice, @Nullable String finish) {
    var word = Trees.nonEmptyOrNull(choice.path("native_finish_reason"));
    return word == null ? finish : word;
  }

  private static List<Output> outputs(JsonNode message) {
    var outputs = ThoughtJson.read(message);
    var content = message.path("content");
    if (content.isTextual() && !content.textValue().isEmpty()) {
      outputs.add(new Output.Said(content.textValue()));
    }
    for (var part : content) {
      switch (part.path("type").asText()) {
        case "text" -> outputs.add(new Output.Said(part.path("text").asText()));
        case "thinking" ->
            outputs.add(new Output.Thought(ThoughtJson.NAME, MistralContent.thought(part), null));
        default -> {}
      }
    }
    var refusal = Trees.nonEmptyOrNull(message.path("refusal"));
    if (refusal != null) {
      outputs.add(new Output.Refused(refusal));
    }
    for (var call : message.path("tool_calls")) {
      addCall(outputs, call, call.path("function"));
    }
    addCall(outputs, message, message.path("function_call"));
    return outputs;
  }

  private static void addCall(List<Output> outputs, JsonNode call, JsonNode function) {
    var name = Trees.nonEmptyOrNull(function.path("name"));
    if (name == null) {
      return;
    }
    var id = Trees.nonEmptyOrNull(call.path("id"));
    outputs.add(
        new Output.Called(
            id == null ? "call_" + outputs.size() : id,
            name,
            arguments(function.path("arguments")),
            CallState.read(call)));
  }

  /** JSON text, although some servers send the JSON itself. */
  static String arguments(JsonNode arguments) {
    var text =
        arguments.isTextual()
            ? arguments.textValue()
            : arguments.isObject() ? arguments.toString() : "";
    return text.isBlank() ? "{}" : text;
  }

  private static long bytes(List<Answer.Choice> choices) {
    var bytes = 0L;
    for (var choice : choices) {
      bytes += UsageEstimate.textBytes(choice.outputs());
    }
    return bytes;
  }
}
