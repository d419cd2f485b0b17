package io.penstock.worker.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.CallerDialect.StreamWriter;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.Prompts;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Message.Part;
import io.penstock.worker.dialect.canonical.Message.Source;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.canonical.Prompt.Reasoning;
import io.penstock.worker.dialect.canonical.Prompt.Tool;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesCallerTest {

  private static final Instant AT = Instant.ofEpochSecond(1_800_000_000);
  private static final TokenUsage USAGE =
      TokenUsage.newBuilder()
          .setSource(UsageSource.PROVIDER)
          .setInputUncached(7L)
          .setInputCacheRead(5L)
          .setOutputText(3L)
          .setOutputReasoning(2L)
          .build();

  private final MessagesCaller caller = new MessagesCaller();

  @Test
  void aRequestIsReadWhole() {
    var prompt =
        prompt(
            """
            {"model":"m","max_tokens":50,"system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}],
             "messages":[
              {"role":"user","content":"hello"},
              {"role":"assistant","content":[{"type":"text","text":"hi"},{"type":"tool_use","id":"t1","name":"f","input":{"x":1.10}}]},
              {"role":"user","content":[
               {"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[{"type":"text","text":"no"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
               {"type":"text","text":"look","cache_control":{"type":"ephemeral"}},
               {"type":"image","source":{"type":"url","url":"https://x/y.png"}},
               {"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"BBBB"}}]}],
             "tools":[{"name":"f","description":"does f","input_schema":{"type":"object"},"strict":true}],
             "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
             "temperature":0.70,"top_p":0.9,"top_k":5,"stop_sequences":["END"],"stream":true,
             "metadata":{"user_id":"u1"},"service_tier":"standard_only",
             "thinking":{"type":"enabled","budget_tokens":2048,"display":"omitted"},
             "output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}}
            """);

    var mark = Samples.json("{\"type\":\"ephemeral\"}");
    assertThat(prompt.messages())
        .containsExactly(
            new Message.Instructions(List.of(new Part.Text("be brief", mark))),
            Prompts.user("hello"),
            Prompts.assistant(new Output.Said("hi"), Prompts.called("t1", "f", "{\"x\":1.10}")),
            new Message.ToolResult(
                "t1",
                null,
                List.of(
                    new Part.Text("no", null),
                    new Part.Image(new Source.Inline("image/png", "AAAA"), null)),
                /* error= */ true),
            new Message.User(
                List.of(
                    new Part.Text("look", mark),
                    new Part.Image(new Source.Url("https://x/y.png"), null),
                    new Part.Document("a.pdf", new Source.Inline("application/pdf", "BBBB")))));
    assertThat(prompt.tools())
        .containsExactly(
            new Tool("f", "does f", Samples.json("{\"type\":\"object\"}"), /* strict= */ true));
    assertThat(prompt.toolChoice()).isEqualTo(new ToolChoice.Named("f"));
    assertThat(prompt.parallelTools()).isFalse();
    assertThat(prompt.outputTokensMax()).isEqualTo(50);
    assertThat(prompt.sampling().temperature()).isEqualTo(new BigDecimal("0.70"));
    assertThat(prompt.sampling().topP()).isEqualTo(new BigDecimal("0.9"));
    assertThat(prompt.sampling().topK()).isEqualTo(5);
    assertThat(prompt.stop()).containsExactly("END");
    assertThat(prompt.stream()).isTrue();
    assertThat(prompt.endUser()).isEqualTo("u1");
    assertThat(prompt.serviceTier()).isEqualTo("default");
    assertThat(prompt.reasoning()).isEqualTo(new Reasoning(null, 2048L, false));
    assertThat(prompt.format())
        .isEqualTo(
            new OutputFormat.JsonSchema(
                "answer", Samples.json("{\"type\":\"object\"}"), /* strict= */ true));
    assertThat(prompt.extras()).isEmpty();
  }

  @Test
  void whatHasNoPlaceInAPromptIsNotForgotten() {
    var prompt =
        prompt(
            """
            {"messages":[{"role":"user","content":"x"}],"container":"c","mcp_servers":[{"name":"m"}],
             "output_config":{"task_budget":{"total":5}},"brand_new":1,"top_k":null,
             "tools":[{"type":"web_search_20250305","name":"web_search"},{"type":"custom","name":"f","input_schema":{}}]}
            """);

    assertThat(prompt.extras())
        .containsOnlyKeys(
            "container", "mcp_servers", "output_config.task_budget", "brand_new", "tools");
    assertThat(prompt.tools()).extracting(Tool::name).containsExactly("f");
    var unsupported = new ArrayList<String>();
    var request = Samples.request(Samples.call("claude-sonnet-4-6"), prompt, unsupported);
    assertThat(unsupported).containsExactly("brand_new");
    assertThat(request.path("tools").findValuesAsText("name")).containsExactly("f", "web_search");
    assertThat(request.path("output_config").path("task_budget").path("total").asInt())
        .isEqualTo(5);
  }

  @Test
  void aCacheMarkOnTheRequestIsOneOnItsLastBlock() {
    var prompt =
        prompt(
            """
            {"cache_control":{"type":"ephemeral"},"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}
            """);

    assertThat(prompt.messages().getLast())
        .isEqualTo(
            new Message.User(
                List.of(new Part.Text("b", Samples.json("{\"type\":\"ephemeral\"}")))));
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"type\":\"disabled\"}', , none",
    "'{\"type\":\"adaptive\"}', , high",
    "'{\"type\":\"adaptive\"}', max, max",
    "'null', low, low",
  })
  void thinkingIsAnEffort(String thinking, @Nullable String effort, String read) {
    var prompt =
        prompt(
            "{\"messages\":[],\"thinking\":"
                + thinking
                + ",\"output_config\":{"
                + (effort == null ? "" : "\"effort\":\"" + effort + "\"")
                + "}}");

    assertThat(prompt.reasoning()).isEqualTo(new Reasoning(read, null, null));
  }

  @Test
  void textDocumentsBecomeTextThatEveryModelCanRead() {
    var prompt =
        prompt(
            """
            {"messages":[{"role":"user","content":[
             {"type":"document","title":"T","context":"C","source":{"type":"text","media_type":"text/plain","data":"D"}},
             {"type":"document","source":{"type":"content","content":[{"type":"text","text":"E"}]}}]}]}
            """);

    assertThat(prompt.messages())
        .containsExactly(
            new Message.User(
                List.of(
                    new Part.Text("C", null),
                    new Part.Text("T\n\nD", null),
                    new Part.Text("E", null))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{} {}",
        "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"container_upload\"}]}]}",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"server_tool_use\"}]}]}",
      })
  void whatCannotBeSaidElsewhereIsRefused(String body) {
    assertThatThrownBy(() -> prompt(body)).isInstanceOf(UnsupportedCallException.class);
  }

  @Test
  void anAnswerIsWrittenWithItsPartsInOrder() {
    var written =
        answer(
            Finish.TOOL_CALLS,
            "tool_calls",
            new Output.Said("so"),
            Prompts.called("call_1", "f", "{\"x\":1}"),
            Prompts.called("call_2", "g", ""));

    assertThat(written)
        .isEqualTo(
            Samples.json(
                """
                {"id":"msg_chatcmplA1","type":"message","role":"assistant","model":"gpt","content":[
                  {"type":"text","text":"so"},
                  {"type":"tool_use","id":"call_1","name":"f","input":{"x":1}},
                  {"type":"tool_use","id":"call_2","name":"g","input":{}}],
                 "stop_reason":"tool_use","stop_sequence":null,
                 "usage":{"input_tokens":7,"cache_read_input_tokens":5,"output_tokens":5,"output_tokens_details":{"thinking_tokens":2}}}
                """));
  }

  @ParameterizedTest
  @CsvSource({
    "STOP, stop, end_turn",
    "LENGTH, length, max_tokens",
    "LENGTH, pause_turn, pause_turn",
    "LENGTH, model_context_window_exceeded, model_context_window_exceeded",
    "CONTENT_FILTER, SAFETY, refusal",
  })
  void whyTheModelStoppedIsSaidInAnthropicsWords(Finish finish, String nativeFinish, String word) {
    var written = answer(finish, nativeFinish, new Output.Said("x"));

    assertThat(written.path("stop_reason").asText()).isEqualTo(word);
  }

  @Test
  void otherProvidersStateComesBackThroughTheCaller() {
    var outputs =
        List.<Output>of(
            new Output.Thought("gemini", "hm", Samples.json("{\"thoughtSignature\":\"G+/=\"}")),
            new Output.Thought("openai", null, Samples.json("{\"encrypted_content\":\"O\"}")),
            new Output.Thought("openai", "plain", null),
            new Output.Called("c1", "f", "{\"x\":1}", Samples.json("{\"thoughtSignature\":\"H\"}")),
            Prompts.called("c2", "f", "{}"));
    var written = answer(Finish.TOOL_CALLS, null, outputs.toArray(Output[]::new));

    var back =
        prompt(
            Trees.object()
                .set(
                    "messages",
                    Trees.NODES
                        .arrayNode()
                        .add(
                            Trees.object()
                                .put("role", "assistant")
                                .set("content", written.path("content"))))
                .toString());

    assertThat(back.messages()).containsExactly(new Message.Assistant(outputs));
  }

  @Test
  void aStreamHasItsBlocksOneAfterTheOther() {
    var writer = caller.stream(StreamStart.fresh(AT));

    var events =
        written(
            writer,
            new StreamEvent.Started("chatcmpl-1", "gpt"),
            new StreamEvent.Thought(0, "hm"),
            new StreamEvent.Text(0, "so"),
            new StreamEvent.Text(0, "."),
            new StreamEvent.ToolStarted(0, 0, "a", "f", null),
            new StreamEvent.ToolArguments(0, 0, "{\"x\":1}"),
            new StreamEvent.ToolStarted(0, 1, "b", "g", null),
            new StreamEvent.Finished(0, Finish.TOOL_CALLS, "tool_calls", null),
            new StreamEvent.Used(USAGE),
            new StreamEvent.Ended());

    assertThat(events)
        .extracting(event -> event.path("type").asText() + event.path("index").asText())
        .containsExactly(
            "message_start",
            "content_block_start0",
            "content_block_delta0",
            "content_block_delta0",
            "content_block_stop0",
            "content_block_start1",
            "content_block_delta1",
            "content_block_delta1",
            "content_block_stop1",
            "content_block_start2",
            "content_block_delta2",
            "content_block_stop2",
            "content_block_start3",
            "content_block_delta3",
            "content_block_stop3",
            "message_delta",
            "message_stop");
    assertThat(events.getFirst().path("message").path("id").asText()).isEqualTo("msg_chatcmpl1");
    assertThat(events.get(3).path("delta").path("type").asText()).isEqualTo("signature_delta");
    assertThat(events.get(13).path("delta").path("partial_json").asText()).isEqualTo("{}");
    assertThat(events.get(15))
        .isEqualTo(
            Samples.json(
                """
                {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},
                 "usage":{"input_tokens":7,"cache_read_input_tokens":5,"output_tokens":5,"output_tokens_details":{"thinking_tokens":2}}}
                """));
    assertThat(writer.events()).isEqualTo(17);
    assertThat(writer.answerId()).isEqualTo("msg_chatcmpl1");
    assertThat(writer.model()).isEqualTo("gpt");
  }

  @Test
  void aCallThatComesInOnePieceHasItsArgumentsInADelta() {
    var events =
        written(
            caller.stream(StreamStart.fresh(AT)),
            new StreamEvent.Started("r", "gemini"),
            new StreamEvent.ToolStarted(0, 0, "a", "f", Samples.json("{\"s\":1}")),
            new StreamEvent.ToolArguments(0, 0, "{\"x\":1}"),
            new StreamEvent.Finished(0, Finish.TOOL_CALLS, "STOP", null),
            new StreamEvent.Ended());

    assertThat(events.get(1).path("content_block").path("type").asText())
        .isEqualTo("redacted_thinking");
    assertThat(events.get(4).path("delta"))
        .isEqualTo(Trees.typed("input_json_delta").put("partial_json", "{\"x\":1}"));
  }

  @Test
  void aStreamThatIsGoneOnWithStaysInsideItsBlock() {
    var writer = caller.stream(new StreamStart("msg_1", "first", AT, /* events= */ 4, "Hello, "));

    var events =
        written(
            writer,
            new StreamEvent.Started("chatcmpl-2", "second"),
            new StreamEvent.Text(0, "world"),
            new StreamEvent.Finished(0, Finish.STOP, "stop", null),
            new StreamEvent.Ended());

    assertThat(events)
        .extracting(event -> event.path("type").asText() + event.path("index").asText())
        .containsExactly(
            "content_block_delta0", "content_block_stop0", "message_delta", "message_stop");
    assertThat(writer.answerId()).isEqualTo("msg_1");
    assertThat(writer.model()).isEqualTo("first");
    assertThat(writer.events()).isEqualTo(8);
  }

  @Test
  void aFailureIsNotTheWritersToTell() {
    var writer = caller.stream(StreamStart.fresh(AT));
    written(writer, new StreamEvent.Started("r", "m"), new StreamEvent.Text(0, "so"));

    assertThat(
            writer.write(new StreamEvent.Broken(FailureClassifier.unusable(200, "x", new byte[0]))))
        .isEmpty();
  }

  private Prompt prompt(String body) {
    return caller.prompt(Samples.bytes(body));
  }

  private JsonNode answer(Finish finish, @Nullable String nativeFinish, Output... outputs) {
    return Samples.json(
        caller.answer(
            new Answer(
                "chatcmpl-A1",
                "gpt",
                AT,
                List.of(new Answer.Choice(List.of(outputs), finish, nativeFinish, null, null)),
                USAGE,
                null)));
  }

  private static List<JsonNode> written(StreamWriter writer, StreamEvent... events) {
    var stream = new StringBuilder();
    for (var event : events) {
      stream.append(new String(writer.write(event), StandardCharsets.UTF_8));
    }
    var all = new ArrayList<JsonNode>();
    for (var event : Samples.events(stream.toString())) {
      var data = Samples.json(event.data());
      assertThat(event.name()).isEqualTo(data.path("type").asText());
      all.add(data);
    }
    return all;
  }
}
