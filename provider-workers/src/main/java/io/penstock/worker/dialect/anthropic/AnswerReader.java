package io.penstock.worker.dialect.anthropic;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Whole answers of the provider. */
final class AnswerReader {

  /** The dialect's name on thoughts. */
  static final String NAME = "anthropic";

  private AnswerReader() {}

  static Read read(CallAssigned call, byte[] body, Instant now) {
    var answer = Trees.objectOrNull(body);
    if (answer == null) {
      return unusable(call, body, body.length == 0 ? "the answer is empty" : "it is not JSON");
    }
    if (AnthropicErrors.isError(answer)) {
      return new Read.Failed(AnthropicErrors.failure(answer, body), null);
    }
    var content = answer.path("content");
    if (!content.isArray()) {
      return unusable(call, body, "the answer holds no answer");
    }
    var outputs = outputs(content);
    var usage = usage(call, answer, body, outputs);
    var called = outputs.stream().anyMatch(Output.Called.class::isInstance);
    var stop = Trees.textOrNull(answer.path("stop_reason"));
    var finish = StopReasons.finish(stop, called);
    return new Read.Answered(
        new Answer(
            answer.path("id").asText(),
            answer.path("model").asText(),
            now,
            List.of(
                new Answer.Choice(
                    outputs, finish, stop, Trees.textOrNull(answer.path("stop_sequence")), null)),
            usage,
            Trees.textOrNull(answer.path("usage").path("service_tier"))));
  }

  private static Read.Failed unusable(CallAssigned call, byte[] body, String message) {
    return new Read.Failed(
        FailureClassifier.unusable(200, message, body),
        UsageEstimate.of(call.getFacts(), null, null));
  }

  /** Blocks of server tools have no counterpart; what the model says of them is in its text. */
  private static List<Output> outputs(JsonNode content) {
    var outputs = new ArrayList<Output>();
    for (var block : content) {
      switch (block.path("type").asText()) {
        case "text" -> outputs.add(new Output.Said(block.path("text").asText()));
        case "thinking" ->
            outputs.add(
                new Output.Thought(NAME, Trees.nonEmptyOrNull(block.path("thinking")), block));
        case "redacted_thinking" -> outputs.add(new Output.Thought(NAME, null, block));
        case "tool_use" ->
            outputs.add(
                new Output.Called(
                    block.path("id").asText(),
                    block.path("name").asText(),
                    block.path("input") instanceof ObjectNode input ? input.toString() : "{}",
                    null));
        default -> {}
      }
    }
    return outputs;
  }

  private static TokenUsage usage(
      CallAssigned call, ObjectNode answer, byte[] body, List<Output> outputs) {
    var raw = Trees.slice(body, "usage");
    var usage = raw == null ? null : AnthropicUsage.of(answer.path("usage"), raw);
    return usage == null
        ? UsageEstimate.of(call.getFacts(), UsageEstimate.textBytes(outputs), null)
        : usage;
  }
}
