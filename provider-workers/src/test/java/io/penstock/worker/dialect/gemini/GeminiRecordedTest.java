package io.penstock.worker.dialect.gemini;

import static io.penstock.worker.dialect.gemini.Samples.bytes;
import static io.penstock.worker.dialect.gemini.Samples.call;
import static io.penstock.worker.dialect.gemini.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect.Embeddings.Vectors;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.Recorded;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Google really sent. */
class GeminiRecordedTest {

  private final GeminiProvider provider = new GeminiProvider();

  private static List<Recorded.Exchange> exchanges(String method, int status) {
    return Recorded.of("provider-exchanges.jsonl").stream()
        .filter(exchange -> exchange.url().contains(":" + method))
        .filter(exchange -> exchange.status() == status)
        .toList();
  }

  @Test
  void everyAnswerIsReadWithItsTextCallsFinishAndTokens() {
    var answers = exchanges("generateContent", 200);
    assertThat(answers).hasSizeGreaterThan(75);

    for (var exchange : answers) {
      var original = json(exchange.response());
      var read = provider.read(call("gemini-3-pro"), exchange.response(), Instant.EPOCH);
      var candidate = original.path("candidates").path(0);
      if (candidate.path("finishReason").asText().equals("UNEXPECTED_TOOL_CALL")) {
        assertThat(((Read.Failed) read).failure().getKind()).isEqualTo(FailureKind.UNUSABLE);
        continue;
      }
      if (!read.getClass().equals(Read.Answered.class)) {
        assertThat(original.path("promptFeedback").has("blockReason"))
            .as(original.toString())
            .isTrue();
        continue;
      }
      var answer = ((Read.Answered) read).answer();
      assertThat(answer.id()).isEqualTo(original.path("responseId").asText());
      assertThat(answer.model()).isEqualTo(original.path("modelVersion").asText());
      var outputs = answer.choices().getFirst().outputs();
      assertThat(said(outputs)).isEqualTo(said(candidate));
      assertThat(calls(outputs)).isEqualTo(candidate.findValues("functionCall").size());
      assertThat(answer.choices().getFirst().finish())
          .isEqualTo(calls(outputs) > 0 ? Finish.TOOL_CALLS : Finish.STOP);
      assertSameTokens(answer.usage(), original.path("usageMetadata"));
      assertThat(signatures(outputs)).isEqualTo(expectedSignatures(candidate));
    }
  }

  @Test
  void everyStreamIsReadToItsEnd() {
    var streams = exchanges("streamGenerateContent", 200);
    assertThat(streams).hasSize(10);

    for (var exchange : streams) {
      var chunks =
          new String(exchange.response(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.startsWith("data:"))
              .map(line -> line.substring("data:".length()))
              .toList();
      assertWhole(chunks);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "google/google-text.chunks.txt, STOP",
    "google/google-reasoning.chunks.txt, STOP",
    "google/google-reasoning-gemini3.chunks.txt, STOP",
    "google/google-tool-call.chunks.txt, TOOL_CALLS",
    "google/google-tool-call-gemini3.chunks.txt, TOOL_CALLS",
    "google/google-stream-no-args-tool-call.chunks.txt, TOOL_CALLS",
    "google/google-stream-tool-call-arguments.chunks.txt, TOOL_CALLS",
    "google/google-stream-tool-call-array-arguments-missing-terminal-function-call.chunks.txt,"
        + " TOOL_CALLS",
    "google/google-vertex-stream-tool-call-arguments-nested.1.chunks.txt, TOOL_CALLS"
  })
  void everyRecordedStreamEndsAsItShould(String file, Finish finish) {
    var events = assertWhole(Samples.recorded(file));

    assertThat(events)
        .contains(new StreamEvent.Finished(0, finish, "STOP", null))
        .last()
        .isEqualTo(new StreamEvent.Ended());
  }

  private static List<StreamEvent> assertWhole(List<String> chunks) {
    var events = Samples.read(call("gemini-3-pro"), chunks);

    assertThat(events.getFirst()).isInstanceOf(StreamEvent.Started.class);
    assertThat(events.getLast()).isEqualTo(new StreamEvent.Ended());
    assertThat(events).noneMatch(StreamEvent.Broken.class::isInstance);
    var text =
        events.stream()
            .map(event -> event instanceof StreamEvent.Text more ? more.text() : "")
            .collect(Collectors.joining());
    var expected =
        chunks.stream()
            .map(chunk -> said(json(chunk).path("candidates").path(0)))
            .collect(Collectors.joining());
    assertThat(text).isEqualTo(expected);
    var started = events.stream().filter(StreamEvent.ToolStarted.class::isInstance).count();
    var named =
        chunks.stream()
            .flatMap(chunk -> json(chunk).findValues("functionCall").stream())
            .filter(call -> call.has("name"))
            .count();
    assertThat(started).isEqualTo(named);
    events.stream()
        .filter(StreamEvent.ToolArguments.class::isInstance)
        .forEach(
            event ->
                assertThat(json(((StreamEvent.ToolArguments) event).fragment()).isObject())
                    .isTrue());
    var last =
        chunks.stream()
            .map(chunk -> json(chunk).path("usageMetadata"))
            .filter(usage -> usage.has("promptTokenCount"))
            .reduce((first, second) -> second)
            .orElseThrow();
    var used =
        events.stream()
            .filter(StreamEvent.Used.class::isInstance)
            .map(event -> ((StreamEvent.Used) event).usage())
            .reduce((first, second) -> second)
            .orElseThrow();
    assertSameTokens(used, last);
    return events;
  }

  @Test
  void argumentsThatComeValueByValueArePutTogether() {
    var events =
        Samples.read(
            call("gemini-3-pro"),
            Samples.recorded(
                "google/google-stream-tool-call-array-arguments-missing-terminal-function-call"
                    + ".chunks.txt"));

    var arguments =
        events.stream()
            .filter(StreamEvent.ToolArguments.class::isInstance)
            .map(event -> json(((StreamEvent.ToolArguments) event).fragment()))
            .toList();
    assertThat(arguments).hasSize(1);
    var operations = arguments.getFirst().path("operations");
    assertThat(operations.isArray()).isTrue();
    assertThat(operations.path(0).path("action").asText()).isEqualTo("add");
    assertThat(operations.path(0).path("description").asText()).isEqualTo("Fresh red apple");
  }

  @Test
  void theParallelCallsOfAStreamHaveTheirOwnArguments() {
    var events =
        Samples.read(
            call("gemini-3-pro"),
            Samples.recorded("google/google-stream-no-args-tool-call.chunks.txt"));

    var arguments =
        events.stream()
            .filter(StreamEvent.ToolArguments.class::isInstance)
            .map(event -> ((StreamEvent.ToolArguments) event).fragment())
            .toList();
    assertThat(arguments)
        .containsExactly("{}", "{\"id\":\"A\"}", "{\"id\":\"B\"}", "{\"id\":\"C\"}");
  }

  @Test
  void aRateLimitNamesItsWait() {
    var body = bytes(String.join("\n", Samples.recorded("google/google-429-retry-info.json")));

    var failure = provider.readError(429, Headers.NONE, body, Instant.EPOCH).failure();

    assertThat(failure.getKind()).isEqualTo(FailureKind.RATE_LIMITED);
    assertThat(failure.getRetryAfterMs()).isEqualTo(34_400);
  }

  @Test
  void anUnknownModelIsNotFound() {
    for (var exchange : exchanges("generateContent", 404)) {
      var failure = provider.readError(404, exchange.headers(), exchange.response(), Instant.EPOCH);

      assertThat(failure.failure().getKind()).isEqualTo(FailureKind.NOT_FOUND);
      assertThat(failure.failure().getMessage()).contains("is not found");
    }
  }

  @Test
  void recordedEmbeddingsAreRead() {
    var exchange = exchanges("batchEmbedContents", 200).getFirst();

    var vectors =
        provider
            .embeddings()
            .read(call("gemini-embedding-2"), bytes("{\"input\":\"Hello\"}"), exchange.response());

    assertThat(json(((Vectors.Made) vectors).answer()).path("data").path(0).path("embedding"))
        .hasSize(768);
  }

  private static String said(JsonNode candidate) {
    var text = new StringBuilder();
    for (var part : candidate.path("content").path("parts")) {
      if (!part.path("thought").asBoolean()) {
        text.append(part.path("text").asText());
      }
    }
    return text.toString();
  }

  private static String said(List<Output> outputs) {
    return outputs.stream()
        .map(output -> output instanceof Output.Said said ? said.text() : "")
        .collect(Collectors.joining());
  }

  private static int calls(List<Output> outputs) {
    return (int) outputs.stream().filter(Output.Called.class::isInstance).count();
  }

  private static List<String> signatures(List<Output> outputs) {
    return outputs.stream()
        .map(
            output ->
                switch (output) {
                  case Output.Called called -> called.state();
                  case Output.Thought thought ->
                      thought.state() == null ? null : thought.state().get("thoughtSignature");
                  case Output.Said _, Output.Refused _ -> null;
                })
        .filter(Objects::nonNull)
        .map(JsonNode::asText)
        .toList();
  }

  private static List<String> expectedSignatures(JsonNode candidate) {
    var parts = candidate.path("content").path("parts");
    return parts
        .valueStream()
        .filter(part -> part.has("text") || part.has("functionCall"))
        .filter(part -> part.has("thoughtSignature"))
        .map(part -> part.path("thoughtSignature").asText())
        .toList();
  }

  /** Read anew, from Google's own words. */
  private static void assertSameTokens(TokenUsage usage, JsonNode original) {
    long input =
        original.path("promptTokenCount").asLong()
            + original.path("toolUsePromptTokenCount").asLong();
    assertThat(
            sum(
                usage.getInputUncached(),
                usage.getInputCacheRead(),
                usage.getInputAudio(),
                usage.getInputImage()))
        .isEqualTo(input);
    assertThat(
            sum(
                usage.getOutputText(),
                usage.getOutputReasoning(),
                usage.getOutputAudio(),
                usage.getOutputImage()))
        .isEqualTo(original.path("totalTokenCount").asLong() - input);
    assertThat(sum(usage.getOutputReasoning()))
        .isEqualTo(original.path("thoughtsTokenCount").asLong());
    assertThat(sum(usage.getInputCacheRead()))
        .isEqualTo(original.path("cachedContentTokenCount").asLong());
  }

  private static long sum(@org.jspecify.annotations.Nullable Long... counts) {
    var sum = 0L;
    for (var count : counts) {
      sum += count == null ? 0 : count;
    }
    return sum;
  }
}
