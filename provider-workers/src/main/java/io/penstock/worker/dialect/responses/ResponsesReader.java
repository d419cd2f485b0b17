package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.ProviderDialect.StreamReader;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UsageEstimate;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message.Output;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What providers of OpenAI's responses answer. */
public final class ResponsesReader {

  private ResponsesReader() {}

  /** Reads a whole answer with status 200. */
  public static Read read(CallAssigned call, byte[] body, Instant now) {
    var response = Trees.objectOrNull(body);
    if (response == null) {
      return new Read.Failed(
          FailureClassifier.unusable(
              200, body.length == 0 ? "the answer is empty" : "the answer is not JSON", body),
          UsageEstimate.of(call.getFacts(), null, null));
    }
    var usage = usage(call, response, body);
    if (response.path("error").isObject()) {
      return new Read.Failed(failure(body), response.path("usage").isObject() ? usage : null);
    }
    var outputs = outputs(response.path("output"));
    var finish = finish(response, outputs);
    if (finish == null || !response.path("output").isArray()) {
      return new Read.Failed(
          FailureClassifier.unusable(200, "the response has not come to an end", body), usage);
    }
    var at = response.path("created_at");
    return new Read.Answered(
        new Answer(
            response.path("id").asText(),
            response.path("model").asText(call.getUpstreamModel()),
            at.canConvertToLong() ? Instant.ofEpochSecond(at.asLong()) : now,
            List.of(new Answer.Choice(outputs, finish, nativeFinish(response), null, null)),
            usage,
            Trees.textOrNull(response.path("service_tier"))));
  }

  /** Reads a stream. */
  public static StreamReader stream(CallAssigned call) {
    return new EventReader(call);
  }

  /**
   * The caller's body without what only other providers understand: reasoning state that callers
   * keep for them. The same bytes when there is none.
   */
  public static byte[] withoutForeignState(byte[] body) {
    return Sealed.removedFrom(body);
  }

  /** The failure that an error object stands for. */
  static Failure failure(byte[] body) {
    var failure = FailureClassifier.classifyError200(body);
    if ("server_error".equals(failure.getProviderCode())) {
      failure.setKind(FailureKind.SERVER_ERROR);
    }
    return failure;
  }

  private static TokenUsage usage(CallAssigned call, JsonNode response, byte[] body) {
    var usage = ResponsesUsage.of(response.path("usage"), Trees.slice(body, "usage"));
    if (usage == null) {
      return UsageEstimate.of(call.getFacts(), null, null);
    }
    usage.setServiceTier(Trees.textOrNull(response.path("service_tier")));
    return usage;
  }

  /** Why the response ended; null when it has not, or failed. */
  static @Nullable Finish finish(JsonNode response, List<Output> outputs) {
    var called = outputs.stream().anyMatch(Output.Called.class::isInstance);
    return switch (response.path("status").asText("completed")) {
      case "failed", "cancelled", "queued", "in_progress" -> null;
      case "incomplete" ->
          response.path("incomplete_details").path("reason").asText().equals("content_filter")
              ? Finish.CONTENT_FILTER
              : Finish.LENGTH;
      default -> called ? Finish.TOOL_CALLS : Finish.STOP;
    };
  }

  static @Nullable String nativeFinish(JsonNode response) {
    var reason = Trees.textOrNull(response.path("incomplete_details").path("reason"));
    return reason == null ? Trees.textOrNull(response.path("status")) : reason;
  }

  /** Items of OpenAI's own tools have no counterpart. */
  static List<Output> outputs(JsonNode items) {
    var outputs = new ArrayList<Output>();
    for (var item : items) {
      switch (item.path("type").asText()) {
        case "message" -> said(item.path("content"), outputs);
        case "reasoning" -> outputs.add(thought(item));
        case "function_call" -> outputs.add(called(item));
        default -> {}
      }
    }
    return outputs;
  }

  private static void said(JsonNode content, List<Output> outputs) {
    for (var part : content) {
      switch (part.path("type").asText()) {
        case "output_text" -> outputs.add(new Output.Said(part.path("text").asText()));
        case "refusal" -> outputs.add(new Output.Refused(part.path("refusal").asText()));
        default -> {}
      }
    }
  }

  private static Output.Thought thought(JsonNode item) {
    return new Output.Thought(
        InputReader.PROVIDER,
        InputReader.text(item),
        item instanceof ObjectNode state ? state : null);
  }

  private static Output.Called called(JsonNode item) {
    var arguments = item.path("arguments").asText();
    return new Output.Called(
        item.path("call_id").asText(),
        item.path("name").asText(),
        arguments.isBlank() ? "{}" : arguments,
        null);
  }
}
