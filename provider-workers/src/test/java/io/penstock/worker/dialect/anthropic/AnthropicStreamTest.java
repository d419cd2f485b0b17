package io.penstock.worker.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Continuation;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnthropicStreamTest {

  private static final String START =
      """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_1","model":"claude"}}

      """;

  private final AnthropicProvider provider = new AnthropicProvider();

  @Test
  void toolsAreCountedByThemselvesAndNotByTheIndexOfTheirBlocks() {
    var events =
        Samples.read(
            START
                + """
                data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

                data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"so"}}

                data: {"type":"content_block_stop","index":0}

                data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}

                data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}

                data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"x\\":"}}

                data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"1}"}}

                data: {"type":"content_block_stop","index":1}

                data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"b","name":"g","input":{}}}

                data: {"type":"content_block_stop","index":2}

                data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null}}

                data: {"type":"message_stop"}

                """);

    assertThat(events)
        .containsExactly(
            new StreamEvent.Started("msg_1", "claude"),
            new StreamEvent.Text(0, "so"),
            new StreamEvent.ToolStarted(0, 0, "a", "f", null),
            new StreamEvent.ToolArguments(0, 0, "{\"x\":"),
            new StreamEvent.ToolArguments(0, 0, "1}"),
            new StreamEvent.ToolStarted(0, 1, "b", "g", null),
            new StreamEvent.ToolArguments(0, 1, "{}"),
            new StreamEvent.Finished(0, Finish.TOOL_CALLS, "tool_use", null),
            new StreamEvent.Ended());
  }

  @Test
  void aCallWithoutArgumentsHasAnEmptyObject() {
    var events = Samples.read(tool("{}", "\"\""));

    assertThat(Samples.only(StreamEvent.ToolArguments.class, events))
        .containsExactly(new StreamEvent.ToolArguments(0, 0, "{}"));
  }

  @Test
  void argumentsThatComeWholeAtTheStartAreNotLost() {
    var events = Samples.read(tool("{\"x\":1.10}", "\"\""));

    assertThat(Samples.only(StreamEvent.ToolArguments.class, events))
        .containsExactly(new StreamEvent.ToolArguments(0, 0, "{\"x\":1.10}"));
  }

  @Test
  void aSilentThoughtIsItsSignatureAlone() {
    var events =
        Samples.read(
            """
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"Eo=="}}

            data: {"type":"content_block_stop","index":0}

            """);

    assertThat(events)
        .containsExactly(
            new StreamEvent.ThoughtState(
                0,
                "anthropic",
                Samples.json("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"Eo==\"}")));
  }

  @Test
  void pingsAndUnknownEventsAndBlocksSayNothing() {
    var events =
        Samples.read(
            """
            event: ping
            data: {"type":"ping"}

            data: {"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}

            data: {"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{}}}

            data: {"type":"content_block_stop","index":0}

            data: {"type":"something_new"}

            """);

    assertThat(events).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "overloaded_error, OVERLOADED",
    "rate_limit_error, RATE_LIMITED",
    "api_error, SERVER_ERROR",
    "timeout_error, TIMEOUT",
    "billing_error, PROVIDER_BUDGET",
    "invalid_request_error, BAD_REQUEST",
    "something_new, UNUSABLE",
  })
  void anErrorInsideAStreamBreaksItForItsOwnReason(String type, FailureKind kind) {
    var events =
        Samples.read(
            START
                + """
                event: error
                data: {"type":"error","error":{"type":"%s","message":"Oops"},"request_id":"req_1"}

                """
                    .formatted(type));

    var broken = (StreamEvent.Broken) events.getLast();
    assertThat(broken.failure().getKind()).isEqualTo(kind);
    assertThat(broken.failure().getHttpStatus()).isEqualTo(200);
    assertThat(broken.failure().getProviderCode()).isEqualTo(type);
    assertThat(broken.failure().getMessage()).isEqualTo("Oops");
  }

  @Test
  void anEventThatIsNoJsonBreaksTheStream() {
    var events = Samples.read("data: {\"type\":\n\n");

    assertThat(events).hasSize(1).first().isInstanceOf(StreamEvent.Broken.class);
  }

  @Test
  void withoutMessageStopAStreamHasNotEnded() {
    var events = Samples.read(START + "data: {\"type\":\"message_delta\",\"delta\":{}}\n\n");

    assertThat(events).noneMatch(StreamEvent.Ended.class::isInstance);
  }

  @Test
  void whiteSpaceThatTheCallerHasSeenIsNotToldTwice() {
    assertThat(goneOn("Hello, \n", " \nworld")).isEqualTo("world");
    assertThat(goneOn("Hello, ", "world")).isEqualTo("world");
    assertThat(goneOn("a\n", "\n\nb")).isEqualTo("\nb");
    assertThat(goneOn("a", " b")).isEqualTo(" b");
  }

  @ParameterizedTest
  @CsvSource({
    "end_turn, false, STOP",
    "stop_sequence, false, STOP",
    "end_turn, true, TOOL_CALLS",
    "tool_use, true, TOOL_CALLS",
    "max_tokens, false, LENGTH",
    "max_tokens, true, LENGTH",
    "model_context_window_exceeded, false, LENGTH",
    "pause_turn, false, LENGTH",
    "refusal, false, CONTENT_FILTER",
    "something_new, false, STOP",
  })
  void whyTheModelStoppedDependsOnWhetherItCalls(String stop, boolean calls, Finish finish) {
    var answer =
        answered(
            """
            {"id":"m","type":"message","model":"c","content":[%s],"stop_reason":"%s","usage":{"input_tokens":1,"output_tokens":1}}
            """
                .formatted(
                    calls
                        ? "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}"
                        : "{\"type\":\"text\",\"text\":\"x\"}",
                    stop));

    assertThat(answer.choices().getFirst().finish()).isEqualTo(finish);
    assertThat(answer.choices().getFirst().nativeFinish()).isEqualTo(stop);
  }

  @Test
  void thoughtsOfAnAnswerKeepTheirState() {
    var silent = "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"Eo==\"}";
    var redacted = "{\"type\":\"redacted_thinking\",\"data\":\"Ed==\"}";

    var answer =
        answered(
            "{\"content\":["
                + silent
                + ","
                + redacted
                + "],\"stop_reason\":\"max_tokens\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}");

    assertThat(answer.choices().getFirst().outputs())
        .isEqualTo(
            List.of(
                new Output.Thought("anthropic", null, Samples.json(silent)),
                new Output.Thought("anthropic", null, Samples.json(redacted))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|UNUSABLE",
        "'<html>'|UNUSABLE",
        "'[]'|UNUSABLE",
        "'{\"id\":\"m\"}'|UNUSABLE",
        "'{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}'|OVERLOADED",
      })
  void whatIsNoAnswerIsAFailure(String body, FailureKind kind) {
    var read = provider.read(Samples.call("claude"), Samples.bytes(body), Instant.EPOCH);

    assertThat(read).isInstanceOf(Read.Failed.class);
    assertThat(((Read.Failed) read).failure().getKind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|invalid_request_error|prompt is too long: 200751 tokens > 200000 maximum|CONTEXT_TOO_LONG",
        "400|invalid_request_error|input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000|CONTEXT_TOO_LONG",
        "400|invalid_request_error|You have reached your specified API usage limits.|PROVIDER_BUDGET",
        "429|rate_limit_error|Number of request tokens has exceeded your rate limit|RATE_LIMITED",
        "529|overloaded_error|Overloaded|OVERLOADED",
        "413|request_too_large|Request exceeds the maximum size|BAD_REQUEST",
      })
  void refusalsAreReadByTheirWords(int status, String type, String message, FailureKind kind) {
    var body =
        Trees.typed("error").set("error", Trees.typed(type).put("message", message)).toString();

    var failed = provider.readError(status, Headers.NONE, Samples.bytes(body), Instant.EPOCH);

    assertThat(failed.failure().getKind()).isEqualTo(kind);
    assertThat(failed.usage()).isNull();
  }

  @Test
  void theRequestIdIsInItsHeader() {
    assertThat(provider.providerRequestId(new Headers(Map.of("request-id", "req_1"))))
        .isEqualTo("req_1");
    assertThat(provider.providerRequestId(Headers.NONE)).isNull();
  }

  private Answer answered(String body) {
    var read = provider.read(Samples.call("claude"), Samples.bytes(body), Instant.EPOCH);
    assertThat(read).isInstanceOf(Read.Answered.class);
    return ((Read.Answered) read).answer();
  }

  private static String tool(String input, String fragment) {
    return """
    data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":%s}}

    data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":%s}}

    data: {"type":"message_delta","delta":{"stop_reason":"tool_use"}}

    data: {"type":"message_stop"}

    """
        .formatted(input, fragment);
  }

  private String goneOn(String delivered, String text) {
    var call = Samples.call("claude");
    call.setContinuation(
        new Continuation(
            Delivered.newBuilder()
                .setText(ByteBuffer.wrap(Samples.bytes(delivered)))
                .setPieces(1)
                .setEvents(3)
                .setAnswerId("msg_1")
                .setAnswerModel("m")
                .setAnswerAt(Instant.EPOCH)
                .setContinuable(true)
                .build(),
            ContinueBy.PREFILL));
    var stream = new StringBuilder();
    for (var character : text.split("(?<=\\s)")) {
      var delta = Trees.object().put("type", "content_block_delta").put("index", 0);
      delta.set("delta", Trees.typed("text_delta").put("text", character));
      stream.append("data: ").append(delta).append("\n\n");
    }
    return Samples.text(Samples.read(provider.stream(call), stream.toString()));
  }
}
