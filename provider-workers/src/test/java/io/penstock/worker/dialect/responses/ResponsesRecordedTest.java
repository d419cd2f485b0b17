package io.penstock.worker.dialect.responses;

import static io.penstock.worker.dialect.responses.Samples.bytes;
import static io.penstock.worker.dialect.responses.Samples.call;
import static io.penstock.worker.dialect.responses.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.Recorded;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What OpenAI, Azure and others really sent. */
class ResponsesRecordedTest {

  private static final Set<String> SPOKEN = Set.of("message", "reasoning", "function_call");

  private static List<Recorded.Exchange> exchanges() {
    return Recorded.of("provider-exchanges.jsonl").stream()
        .filter(exchange -> exchange.url().endsWith("/responses"))
        .filter(exchange -> exchange.status() == 200)
        .toList();
  }

  private static boolean isStream(Recorded.Exchange exchange) {
    var body = new String(exchange.response(), StandardCharsets.UTF_8);
    return !body.startsWith("{");
  }

  @Test
  void everyAnswerIsReadAndToldAgainWithTheSameItemsAndTokens() {
    var answers = exchanges().stream().filter(exchange -> !isStream(exchange)).toList();
    assertThat(answers).hasSizeGreaterThan(25);

    for (var exchange : answers) {
      assertRoundTrip(exchange.response());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "azure/azure-text.1.json",
        "azure/azure-tool-call.1.json",
        "azure/azure-code-interpreter-tool.1.json",
        "azure/azure-image-generation-tool.1.json",
        "azure/azure-reasoning-encrypted-content.1.json",
        "azure/azure-web-search-preview-tool.1.json",
        "azure/openai-file-search-tool.1.json",
        "azure/openai-file-search-tool.2.json",
        "open-responses/lmstudio-basic.1.json",
        "open-responses/lmstudio-tool-call.1.json",
        "open-responses/openai-pdf-input-file.1.json"
      })
  void everyRecordedAnswerIsReadAndToldAgain(String file) {
    assertRoundTrip(Samples.recorded(file));
  }

  private static void assertRoundTrip(byte[] body) {
    var original = json(body);
    var read = ResponsesReader.read(call(), body, Instant.EPOCH);
    if (Set.of("queued", "in_progress").contains(original.path("status").asText())) {
      assertThat(read).isInstanceOf(Read.Failed.class);
      return;
    }

    assertThat(read).as(original.toString()).isInstanceOf(Read.Answered.class);
    var answer = ((Read.Answered) read).answer();
    var told = json(new ResponsesCaller().answer(answer));

    assertThat(told.path("id").asText()).endsWith(original.path("id").asText());
    assertThat(told.path("model")).isEqualTo(original.path("model"));
    assertThat(text(told.path("output"))).isEqualTo(text(original.path("output")));
    assertThat(types(told)).isEqualTo(types(original));
    assertThat(answer.choices().getFirst().finish())
        .isEqualTo(types(original).contains("function_call") ? Finish.TOOL_CALLS : Finish.STOP);
    if (original.path("usage").isObject()) {
      assertSameTokens(answer.usage(), original.path("usage"));
    }
  }

  @Test
  void everyStreamIsReadToItsEnd() {
    var streams = exchanges().stream().filter(ResponsesRecordedTest::isStream).toList();
    assertThat(streams).hasSizeGreaterThan(15);

    for (var exchange : streams) {
      var data =
          new String(exchange.response(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.startsWith("data:"))
              .map(line -> line.substring("data:".length()).strip())
              .toList();
      assertWhole(data);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "azure/azure-text.1.chunks.txt",
        "azure/azure-tool-call.1.chunks.txt",
        "azure/azure-image-generation-tool.1.chunks.txt",
        "azure/openai-file-search-tool.1.chunks.txt",
        "azure/openai-file-search-tool.2.chunks.txt",
        "open-responses/lmstudio-tool-call.1.chunks.txt",
        "open-responses/lmstudio-tool-call.2.chunks.txt",
        "open-responses/openai-pdf-input-file.1.chunks.txt"
      })
  void everyRecordedStreamIsReadAndToldAgain(String file) {
    var lines =
        new String(Samples.recorded(file), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.isBlank())
            .toList();

    assertWhole(lines);
  }

  private static void assertWhole(List<String> data) {
    var events = Samples.read(data);
    assertThat(events.getFirst()).isInstanceOf(StreamEvent.Started.class);
    var terminal =
        data.stream()
            .filter(line -> line.startsWith("{"))
            .map(Samples::json)
            .filter(event -> event.path("type").asText().equals("response.completed"))
            .map(event -> event.path("response"))
            .toList();
    if (terminal.isEmpty()) {
      assertThat(events).noneMatch(StreamEvent.Ended.class::isInstance);
      return;
    }
    assertThat(events.getLast()).isEqualTo(new StreamEvent.Ended());
    assertThat(events).noneMatch(StreamEvent.Broken.class::isInstance);
    var original = terminal.getFirst();

    var writer = Samples.fresh();
    var written = Samples.written(writer, events.toArray(StreamEvent[]::new));

    var response = written.getLast().path("response");
    assertThat(response.path("id").asText()).endsWith(original.path("id").asText());
    if (!original.path("output").isEmpty()) {
      assertThat(text(response.path("output"))).isEqualTo(text(original.path("output")));
      // what was told in two messages may be told in one
      assertThat(types(response).stream().distinct().toList())
          .isEqualTo(types(original).stream().distinct().toList());
    }
    if (original.path("usage").isObject()) {
      assertThat(response.path("usage").path("total_tokens"))
          .isEqualTo(original.path("usage").path("total_tokens"));
    }
  }

  @Test
  void aResponseThatIsIncompleteIsNeverReadAsSuccess() {
    var body =
        """
        {"id":"resp_1","object":"response","model":"m","status":"incomplete",
         "incomplete_details":{"reason":"max_output_tokens"},"output":[],
         "usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}""";

    var answer = (Read.Answered) ResponsesReader.read(call(), bytes(body), Instant.EPOCH);

    assertThat(answer.answer().choices().getFirst().finish()).isEqualTo(Finish.LENGTH);
    assertThat(
            Samples.read(
                List.of("{\"type\":\"response.incomplete\",\"response\":" + body.strip() + "}")))
        .contains(new StreamEvent.Finished(0, Finish.LENGTH, "max_output_tokens", null));
  }

  @Test
  void aStreamWithoutItsTerminalEventHasNotEnded() {
    var events =
        Samples.read(
            List.of(
                "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"model\":\"m\"}}",
                "{\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"x\"}",
                "[DONE]"));

    assertThat(events)
        .containsExactly(new StreamEvent.Started("resp_1", "m"), new StreamEvent.Text(0, "x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"sorry\",\"param\":null}",
        "{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\","
            + "\"error\":{\"code\":\"server_error\",\"message\":\"sorry\"}}}"
      })
  void aStreamThatFailsSaysSo(String data) {
    var last = Samples.read(List.of(data)).getLast();

    assertThat(last)
        .isInstanceOfSatisfying(
            StreamEvent.Broken.class,
            broken -> {
              assertThat(broken.failure().getKind()).isEqualTo(FailureKind.SERVER_ERROR);
              assertThat(broken.failure().getMessage()).isEqualTo("sorry");
            });
  }

  @Test
  void aWholeAnswerThatFailedIsAFailure() {
    var body =
        "{\"id\":\"resp_1\",\"status\":\"failed\",\"output\":[],"
            + "\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\"}}";

    var failed = (Read.Failed) ResponsesReader.read(call(), bytes(body), Instant.EPOCH);

    assertThat(failed.failure().getKind()).isEqualTo(FailureKind.RATE_LIMITED);
  }

  private static List<String> types(JsonNode response) {
    return response
        .path("output")
        .valueStream()
        .map(item -> item.path("type").asText())
        .filter(SPOKEN::contains)
        .toList();
  }

  private static String text(JsonNode output) {
    return output
        .valueStream()
        .flatMap(
            item ->
                item.path("type").asText().equals("function_call")
                    ? java.util.stream.Stream.of(
                        item.path("call_id").asText()
                            + item.path("name").asText()
                            + item.path("arguments").asText())
                    : item.path("type").asText().equals("message")
                        ? item.path("content").valueStream().map(part -> part.path("text").asText())
                        : java.util.stream.Stream.of())
        .collect(Collectors.joining());
  }

  private static void assertSameTokens(TokenUsage usage, JsonNode original) {
    var told = ResponseObject.usage(usage);
    assertThat(told.path("input_tokens").asLong())
        .isEqualTo(original.path("input_tokens").asLong());
    assertThat(told.path("input_tokens_details").path("cached_tokens").asLong())
        .isEqualTo(original.path("input_tokens_details").path("cached_tokens").asLong());
    assertThat(told.path("output_tokens").asLong())
        .isEqualTo(original.path("output_tokens").asLong());
    assertThat(told.path("output_tokens_details").path("reasoning_tokens").asLong())
        .isEqualTo(original.path("output_tokens_details").path("reasoning_tokens").asLong());
  }
}
