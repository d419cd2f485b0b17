package io.penstock.worker.dialect.responses;

import static io.penstock.worker.dialect.responses.Samples.bytes;
import static io.penstock.worker.dialect.responses.Samples.fresh;
import static io.penstock.worker.dialect.responses.Samples.json;
import static io.penstock.worker.dialect.responses.Samples.usage;
import static io.penstock.worker.dialect.responses.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponsesAnswerTest {

  private final ResponsesCaller caller = new ResponsesCaller();

  private JsonNode told(Finish finish, TokenUsage usage, Output... outputs) {
    return json(
        caller.answer(
            new Answer(
                "a",
                "m",
                Samples.AT,
                List.of(new Answer.Choice(List.of(outputs), finish, null, null, null)),
                usage,
                "default")));
  }

  @Test
  void anAnswerHasEveryFieldThatOpenAisDescriptionDemands() {
    var usage =
        TokenUsage.newBuilder()
            .setSource(UsageSource.PROVIDER)
            .setInputUncached(10L)
            .setInputCacheRead(5L)
            .setInputCacheWrite5m(2L)
            .setInputAudio(1L)
            .setOutputText(7L)
            .setOutputReasoning(3L)
            .build();

    var told = told(Finish.STOP, usage, new Output.Said("hi"));

    assertThat(told)
        .isEqualTo(
            json(
                """
                {"id":"resp_a","object":"response","created_at":1700000000,"status":"completed",
                 "background":false,"error":null,"incomplete_details":null,"instructions":null,
                 "max_output_tokens":null,"model":"m",
                 "output":[{"type":"message","id":"msg_a_0","status":"completed",
                   "role":"assistant","content":[
                     {"type":"output_text","text":"hi","annotations":[],"logprobs":[]}]}],
                 "parallel_tool_calls":true,"previous_response_id":null,
                 "reasoning":{"effort":null,"summary":null},"store":false,"temperature":null,
                 "text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":null,
                 "truncation":"disabled","metadata":{},"service_tier":"default",
                 "usage":{"input_tokens":18,
                   "input_tokens_details":{"cached_tokens":5,"cache_write_tokens":2},
                   "output_tokens":10,"output_tokens_details":{"reasoning_tokens":3},
                   "total_tokens":28}}"""));
  }

  @ParameterizedTest
  @CsvSource({"LENGTH, max_output_tokens", "CONTENT_FILTER, content_filter"})
  void anAnswerThatWasCutIsIncompleteAndSaysWhy(Finish finish, String reason) {
    var told = told(finish, usage(1, 1), new Output.Said("h"));

    assertThat(told.path("status").asText()).isEqualTo("incomplete");
    assertThat(told.path("incomplete_details").path("reason").asText()).isEqualTo(reason);
    assertThat(told.path("output").path(0).path("status").asText()).isEqualTo("incomplete");
  }

  @Test
  void thoughtsTextsAndCallsAreItemsOfTheirOwn() {
    var own = json("{\"type\":\"reasoning\",\"id\":\"rs_x\",\"summary\":[]}");

    var told =
        told(
            Finish.TOOL_CALLS,
            usage(1, 1),
            new Output.Thought("openai", null, own),
            new Output.Said("a"),
            new Output.Refused("b"),
            new Output.Called("call_1", "t", "{\"c\":1}", null));

    assertThat(told.path("output").path(0)).isEqualTo(own);
    assertThat(told.path("output").path(1).path("content"))
        .extracting(part -> part.path("type").asText())
        .containsExactly("output_text", "refusal");
    assertThat(told.path("output").path(2))
        .isEqualTo(
            json(
                """
                {"type":"function_call","id":"fc_a_2","status":"completed","call_id":"call_1",
                 "name":"t","arguments":"{\\"c\\":1}"}"""));
  }

  @Test
  void statesOfOtherProvidersComeBackThroughTheCallerAsTheyWere() {
    var outputs =
        List.<Output>of(
            new Output.Thought("anthropic", "hm", json("{\"signature\":\"s==\"}")),
            new Output.Said("a"),
            new Output.Called("call_1", "t", "{}", TextNode.valueOf("c2ln")));

    var items = told(Finish.TOOL_CALLS, usage(1, 1), outputs.toArray(Output[]::new)).path("output");
    var prompt = caller.prompt(bytes("{\"input\":" + items + "}"));

    assertThat(prompt.messages()).containsExactly(new Message.Assistant(outputs));
  }

  @Test
  void aStreamIsItemsInOrderAllEventsNumberedAndTheWholeResponseAgainAtItsEnd() {
    var writer = fresh();

    var written =
        written(
            writer,
            new StreamEvent.Started("a", "m"),
            new StreamEvent.Thought(0, "h"),
            new StreamEvent.Thought(0, "m"),
            new StreamEvent.ThoughtState(0, "gemini", TextNode.valueOf("s")),
            new StreamEvent.Text(0, "Let "),
            new StreamEvent.Text(0, ""),
            new StreamEvent.Text(0, "me"),
            new StreamEvent.ToolStarted(0, 0, "call_1", "t", null),
            new StreamEvent.ToolArguments(0, 0, "{\"c\""),
            new StreamEvent.ToolStarted(0, 1, "call_2", "u", null),
            new StreamEvent.ToolArguments(0, 0, ":1}"),
            new StreamEvent.Finished(0, Finish.TOOL_CALLS, null, null),
            new StreamEvent.Used(usage(3, 4)),
            new StreamEvent.Ended());

    assertThat(written)
        .extracting(event -> event.path("type").asText().substring("response.".length()))
        .containsExactly(
            "created",
            "in_progress",
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "output_item.added",
            "function_call_arguments.delta",
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
            "function_call_arguments.done",
            "output_item.done",
            "completed");
    for (var i = 0; i < written.size(); i++) {
      assertThat(written.get(i).path("sequence_number").asInt()).isEqualTo(i);
    }
    assertThat(writer.events()).isEqualTo(written.size());
    assertThat(writer.answerId()).isEqualTo("resp_a");
    assertThat(writer.model()).isEqualTo("m");
    var response = written.getLast().path("response");
    assertThat(response.path("usage").path("total_tokens").asInt()).isEqualTo(7);
    assertThat(response.path("output"))
        .extracting(item -> item.path("type").asText())
        .containsExactly("reasoning", "message", "function_call", "function_call");
    var prompt = caller.prompt(bytes("{\"input\":" + response.path("output") + "}"));
    assertThat(prompt.messages())
        .containsExactly(
            new Message.Assistant(
                List.of(
                    new Output.Thought("gemini", "hm", TextNode.valueOf("s")),
                    new Output.Said("Let me"),
                    new Output.Called("call_1", "t", "{\"c\":1}", null),
                    new Output.Called("call_2", "u", "{}", null))));
  }

  @Test
  void aTextDeltaLooksAsOpenAiDescribesIt() {
    var written = written(fresh(), new StreamEvent.Started("a", "m"), new StreamEvent.Text(0, "x"));

    assertThat(written.subList(2, 5))
        .containsExactly(
            json(
                """
                {"type":"response.output_item.added","output_index":0,"sequence_number":2,
                 "item":{"type":"message","id":"msg_a_0","status":"in_progress",
                   "role":"assistant","content":[]}}"""),
            json(
                """
                {"type":"response.content_part.added","item_id":"msg_a_0","output_index":0,
                 "content_index":0,"sequence_number":3,
                 "part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}"""),
            json(
                """
                {"type":"response.output_text.delta","item_id":"msg_a_0","output_index":0,
                 "content_index":0,"delta":"x","logprobs":[],"sequence_number":4}"""));
  }

  @Test
  void aStreamThatWasCutByItsLimitEndsIncomplete() {
    var written =
        written(
            fresh(),
            new StreamEvent.Started("a", "m"),
            new StreamEvent.Text(0, "x"),
            new StreamEvent.Finished(0, Finish.LENGTH, null, null),
            new StreamEvent.Ended());

    var last = written.getLast();
    assertThat(last.path("type").asText()).isEqualTo("response.incomplete");
    assertThat(last.path("response").path("incomplete_details").path("reason").asText())
        .isEqualTo("max_output_tokens");
  }

  @Test
  void aFailureWritesNothing() {
    var failure = new Failure(FailureKind.CUT, null, null, "cut", null, null);

    assertThat(fresh().write(new StreamEvent.Broken(failure))).isEmpty();
  }

  @Test
  void aContinuationGoesOnWithinTheSamePartAndWithTheNextNumbers() {
    var first = fresh();
    var begun = written(first, new StreamEvent.Started("a", "m"), new StreamEvent.Text(0, "one "));

    var second =
        caller.stream(
            new StreamStart(first.answerId(), first.model(), Samples.AT, first.events(), "one "));
    var rest =
        written(
            second,
            new StreamEvent.Started("b", "n"),
            new StreamEvent.Text(0, "two"),
            new StreamEvent.Finished(0, Finish.STOP, null, null),
            new StreamEvent.Used(usage(1, 2)),
            new StreamEvent.Ended());

    assertThat(rest)
        .extracting(event -> event.path("type").asText())
        .containsExactly(
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed");
    assertThat(rest.getFirst().path("sequence_number").asInt()).isEqualTo(begun.size());
    assertThat(rest.getFirst().path("item_id").asText())
        .isEqualTo(begun.getLast().path("item_id").asText());
    assertThat(rest.get(1).path("text").asText()).isEqualTo("one two");
    var response = rest.getLast().path("response");
    assertThat(response.path("id").asText()).isEqualTo("resp_a");
    assertThat(response.path("model").asText()).isEqualTo("m");
    assertThat(response.path("output").path(0).path("content").path(0).path("text").asText())
        .isEqualTo("one two");
    assertThat(second.events()).isEqualTo(begun.size() + rest.size());
  }
}
