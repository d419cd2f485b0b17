package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UsageEstimate;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Message.Output;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** Reads one whole answer. */
final class AnswerReader {

  private final CallAssigned call;
  private final byte[] body;
  private final List<Answer.Choice> choices = new ArrayList<>();

  private AnswerReader(CallAssigned call, byte[] body) {
    this.call = call;
    this.body = body;
  }

  static Read read(CallAssigned call, byte[] body, Instant now) {
    return new AnswerReader(call, body).read(now);
  }

  private Read read(Instant now) {
    var answer = Trees.onlyObjectOrNull(body);
    if (answer == null) {
      return unusable(body.length == 0 ? "the answer is empty" : "the answer is not JSON");
    }
    if (answer.path("error").isObject()) {
      return new Read.Failed(FailureClassifier.classifyError200(body), null);
    }
    for (var candidate : answer.path("candidates")) {
      var failure = choice(candidate);
      if (failure != null) {
        return new Read.Failed(failure, usage(answer));
      }
    }
    if (choices.isEmpty()) {
      var blocked = Trees.textOrNull(answer.path("promptFeedback").path("blockReason"));
      return blocked == null
          ? new Read.Failed(
              FailureClassifier.unusable(200, "the answer holds no answer", body), usage(answer))
          : new Read.Failed(Finishes.blocked(blocked), usage(answer));
    }
    var id = Trees.textOrNull(answer.path("responseId"));
    return new Read.Answered(
        new Answer(
            id == null ? Ids.answer(call) : id,
            answer.path("modelVersion").asText(call.getUpstreamModel()),
            createdAt(answer, now),
            choices,
            usage(answer),
            Trees.textOrNull(answer.path("usageMetadata").path("serviceTier"))));
  }

  private Read.Failed unusable(String message) {
    return new Read.Failed(
        FailureClassifier.unusable(200, message, body),
        UsageEstimate.of(call.getFacts(), null, null));
  }

  private static Instant createdAt(JsonNode answer, Instant now) {
    try {
      var at = Trees.textOrNull(answer.path("createTime"));
      return at == null ? now : Instant.parse(at);
    } catch (DateTimeParseException _) {
      return now;
    }
  }

  /** Takes a candidate; what is wrong with it when it is none. */
  private @org.jspecify.annotations.Nullable Failure choice(JsonNode candidate) {
    var outputs = new ArrayList<Output>();
    for (var part : candidate.path("content").path("parts")) {
      part(part, outputs);
    }
    var called = outputs.stream().anyMatch(Output.Called.class::isInstance);
    var word = Trees.textOrNull(candidate.path("finishReason"));
    if (word == null) {
      return FailureClassifier.unusable(200, "the answer does not say why the model stopped", body);
    }
    var finish = Finishes.finish(word, called);
    if (finish == null) {
      return Finishes.failure(word);
    }
    choices.add(
        new Answer.Choice(
            outputs, finish, word, null, Logprobs.openAi(candidate.path("logprobsResult"))));
    return null;
  }

  /** Parts of Google's own tools and pictures have no counterpart. */
  private void part(JsonNode part, List<Output> outputs) {
    if (part.path("functionCall").isObject()) {
      var function = part.path("functionCall");
      var id = Trees.textOrNull(function.path("id"));
      var tools = outputs.stream().filter(Output.Called.class::isInstance).count();
      outputs.add(
          new Output.Called(
              id == null || id.isEmpty() ? Ids.tool(call, choices.size(), (int) tools) : id,
              function.path("name").asText(),
              function.path("args").isObject() ? function.path("args").toString() : "{}",
              Signatures.ofCall(part)));
      return;
    }
    var text = Trees.textOrNull(part.path("text"));
    if (text == null) {
      return;
    }
    var state = Signatures.ofText(part);
    if (part.path("thought").asBoolean()) {
      outputs.add(new Output.Thought(Signatures.PROVIDER, text, state));
      return;
    }
    if (!text.isEmpty()) {
      outputs.add(new Output.Said(text));
    }
    if (state != null) {
      outputs.add(new Output.Thought(Signatures.PROVIDER, null, state));
    }
  }

  private TokenUsage usage(JsonNode answer) {
    var usage = GeminiUsage.of(answer.path("usageMetadata"), Trees.slice(body, "usageMetadata"));
    return usage == null ? UsageEstimate.of(call.getFacts(), textBytes(), null) : usage;
  }

  private long textBytes() {
    var bytes = 0L;
    for (var choice : choices) {
      bytes += UsageEstimate.textBytes(choice.outputs());
    }
    return bytes;
  }
}
