package io.penstock.worker.dialect.openai;

import static io.penstock.worker.dialect.Exchanged.NOW;
import static io.penstock.worker.dialect.Exchanged.bytes;
import static io.penstock.worker.dialect.Exchanged.delta;
import static io.penstock.worker.dialect.Exchanged.events;
import static io.penstock.worker.dialect.Exchanged.finish;
import static io.penstock.worker.dialect.Exchanged.run;
import static io.penstock.worker.dialect.Exchanged.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.Exchanged;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.Unsupported;
import io.penstock.worker.dialect.ServerSentEvent;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.AnswerAssembler;
import io.penstock.worker.dialect.canonical.AnswerSteps;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Message.Part;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chat completions in both directions, server by server. */
class ChatDialectTest {

  private static final TokenUsage USAGE =
      TokenUsage.newBuilder()
          .setSource(UsageSource.PROVIDER)
          .setInputUncached(2L)
          .setInputCacheRead(5L)
          .setOutputText(3L)
          .setOutputReasoning(4L)
          .build();

  private final ChatCaller caller = new ChatCaller();
  private final OpenAiProvider provider = new OpenAiProvider();

  @Test
  void aWholeConversationComesThroughUnchanged() throws IOException {
    var body =
        """
        {"model":"a","messages":[
          {"role":"system","content":"be kind"},
          {"role":"user","content":[
            {"type":"text","text":"what is this?"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
            {"type":"image_url","image_url":{"url":"https://x/y.png"}},
            {"type":"input_audio","input_audio":{"data":"BBBB","format":"wav"}},
            {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,CCCC"}},
            {"type":"file","file":{"file_id":"file-1"}}]},
          {"role":"assistant","content":null,"tool_calls":[
            {"id":"t1","type":"function","function":{"name":"f","arguments":"{\\"a\\": 1}"}},
            {"id":"t2","type":"function","function":{"name":"g","arguments":"{}"}}]},
          {"role":"tool","tool_call_id":"t1","content":"one"},
          {"role":"tool","tool_call_id":"t2","content":"two"},
          {"role":"system","content":"be brief"},
          {"role":"user","content":"and?"}],
         "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"number","maximum":0.10}}},"strict":true}},
                  {"type":"function","function":{"name":"g"}}],
         "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,
         "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}},
         "max_completion_tokens":50,"temperature":0.70,"top_p":0.9,"presence_penalty":0.5,"frequency_penalty":-0.5,
         "seed":7,"stop":["x","y"],"n":2,"reasoning_effort":"low","user":"u","service_tier":"flex",
         "verbosity":"low","logprobs":true,"top_logprobs":2}
        """;

    var written = written(body, "api.openai.com");

    var original = (com.fasterxml.jackson.databind.node.ObjectNode) Json.MAPPER.readTree(body);
    original.put("model", "up");
    assertThat(written).isEqualTo(original);
  }

  @Test
  void functionsOfTheOldDaysAreTools() {
    var prompt =
        caller.prompt(
            bytes(
                """
                {"messages":[
                  {"role":"user","content":"x"},
                  {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
                  {"role":"function","name":"f","content":"done"}],
                 "functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"}}
                """));

    assertThat(prompt.tools()).extracting(Prompt.Tool::name).containsExactly("f");
    assertThat(prompt.toolChoice()).isEqualTo(new ToolChoice.Named("f"));
    var called =
        (Output.Called) ((Message.Assistant) prompt.messages().get(1)).outputs().getFirst();
    assertThat(((Message.ToolResult) prompt.messages().get(2)).callId()).isEqualTo(called.id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"video_url\"}]}]}",
        "{\"messages\":[{\"role\":\"oracle\",\"content\":\"x\"}]}",
        "{\"messages\":[{\"role\":\"assistant\",\"audio\":{\"id\":\"1\"}}]}",
        "{\"messages\":[],\"tools\":[{\"type\":\"web_search\"}]}",
        "{\"messages\":[],\"tool_choice\":{\"type\":\"custom\",\"custom\":{\"name\":\"x\"}}}",
        "{\"messages\":[],\"response_format\":{\"type\":\"grammar\"}}",
        "{\"messages\":[],\"temperature\":\"hot\"}",
        "[]"
      })
  void whatCannotBeSaidElsewhereIsRefused(String body) {
    assertThatThrownBy(() -> caller.prompt(bytes(body)))
        .isInstanceOf(UnsupportedCallException.class);
  }

  @Test
  void thoughtsComeBackToTheirMakerByteForByte() throws IOException {
    var signature = "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"a+/=\"}";
    var thought = new Output.Thought("anthropic", "hm", Json.MAPPER.readTree(signature));
    var call = new Output.Called("t", "f", "{}", Json.MAPPER.readTree("\"c2ln\""));

    var message = told(List.of(thought, call));
    var read =
        (Message.Assistant)
            caller.prompt(bytes("{\"messages\":[" + message + "]}")).messages().getFirst();

    assertThat(message.path("reasoning_content").asText()).isEqualTo("hm");
    assertThat(message.at("/tool_calls/0/extra_content/google/thought_signature").asText())
        .isEqualTo("c2ln");
    assertThat(read.outputs()).containsExactly(thought, call);
  }

  @Test
  void thoughtsOfAStreamComeBackToo() throws IOException {
    var state = Json.MAPPER.readTree("{\"type\":\"redacted_thinking\",\"data\":\"zzz\"}");

    var written =
        stream(
            List.of(
                new StreamEvent.Started("i", "m"),
                new StreamEvent.Thought(0, "hm"),
                new StreamEvent.ThoughtState(0, "anthropic", state)));

    var detail = written.getLast().at("/choices/0/delta/reasoning_details/0");
    var message =
        Json.MAPPER.createObjectNode().put("role", "assistant").put("reasoning_content", "hm");
    message.putArray("reasoning_details").add(detail);
    var read =
        (Message.Assistant)
            caller.prompt(bytes("{\"messages\":[" + message + "]}")).messages().getFirst();
    assertThat(read.outputs()).contains(new Output.Thought("anthropic", null, state));
  }

  @ParameterizedTest
  @ValueSource(strings = {"api.deepseek.com", "api.moonshot.ai", "localhost"})
  void serversThatWantTheirThoughtsBackGetThem(String host) throws IOException {
    var body =
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_content\":\"hm\"}]}";

    assertThat(written(body, host).at("/messages/0/reasoning_content").asText()).isEqualTo("hm");
  }

  @ParameterizedTest
  @ValueSource(strings = {"api.openai.com", "api.mistral.ai", "x.openai.azure.com"})
  void serversThatRefuseThoughtsGetNone(String host) throws IOException {
    var body =
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_content\":\"hm\"}]}";

    assertThat(written(body, host).toString()).doesNotContain("hm");
  }

  @Test
  void mistralGetsItsOwnNamesAndShortIds() throws IOException {
    var json =
        written(
            """
            {"messages":[
              {"role":"assistant","content":null,"tool_calls":[{"id":"call_with_a_long_id","type":"function","function":{"name":"f","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"call_with_a_long_id","content":"x"}],
             "seed":5,"max_completion_tokens":9,"stream":true}
            """,
            "api.mistral.ai");

    assertThat(json.path("random_seed").asInt()).isEqualTo(5);
    assertThat(json.path("max_tokens").asInt()).isEqualTo(9);
    assertThat(json.has("stream_options")).isFalse();
    var id = json.at("/messages/0/tool_calls/0/id").asText();
    assertThat(id).matches("[a-zA-Z0-9]{9}");
    assertThat(json.at("/messages/1/tool_call_id").asText()).isEqualTo(id);
  }

  @Test
  void theLimitOfTheHoldIsPutInWhereTheCallerGaveNone() throws IOException {
    var call = Exchanged.whole(Surface.OPENAI_CHAT);
    call.setOutputTokensLimit(77L);
    var request =
        provider.request(
            call, caller.prompt(bytes("{\"messages\":[]}")), new Endpoint("x", null), refusing());

    assertThat(Json.MAPPER.readTree(request).path("max_tokens").asInt()).isEqualTo(77);
  }

  @Test
  void picturesThatToolsReturnAreShownByTheUser() throws IOException {
    var prompt = caller.prompt(bytes("{\"messages\":[]}"));
    var picture = new Part.Image(new Message.Source.Inline("image/png", "AAAA"), null);
    var messages =
        List.<Message>of(
            new Message.ToolResult("t1", null, List.of(new Part.Text("see", null), picture), false),
            new Message.ToolResult("t2", null, List.of(), false));

    var json =
        Json.MAPPER.readTree(
            provider.request(
                Exchanged.whole(Surface.ANTHROPIC_MESSAGES),
                prompt.withMessages(messages),
                new Endpoint("x", null),
                refusing()));

    assertThat(json.path("messages")).hasSize(3);
    assertThat(json.at("/messages/2/role").asText()).isEqualTo("user");
    assertThat(json.at("/messages/2/content/0/image_url/url").asText())
        .isEqualTo("data:image/png;base64,AAAA");
  }

  @Test
  void answersHaveEveryFieldThatTheSpecificationWants() throws IOException {
    var json = Json.MAPPER.readTree(caller.answer(answer(List.of(new Output.Said("hi")))));

    assertThat(json)
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"id":"i","object":"chat.completion","created":%d,"model":"m",
                 "choices":[{"index":0,"message":{"role":"assistant","content":"hi","refusal":null},
                             "logprobs":null,"finish_reason":"stop","native_finish_reason":"end_turn"}],
                 "usage":{"prompt_tokens":7,"completion_tokens":7,"total_tokens":14,
                   "prompt_tokens_details":{"cached_tokens":5,"audio_tokens":0},
                   "completion_tokens_details":{"reasoning_tokens":4,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}
                """
                    .formatted(NOW.getEpochSecond())));
  }

  @Test
  void aStreamOpensWithItsRoleAndEndsWithUsageAndMark() throws IOException {
    var out = new ByteArrayOutputStream();
    var writer = caller.stream(StreamStart.fresh(NOW));
    AnswerSteps.of(
            answer(
                List.of(
                    new Output.Said("hi"),
                    new Output.Called("t1", "f", "{\"a\":1}", null),
                    new Output.Called("t2", "g", "{}", null))))
        .forEach(step -> out.writeBytes(writer.write(step)));
    var sent = out.toString(StandardCharsets.UTF_8);
    var chunks = chunks(sent);

    assertThat(chunks.getFirst().at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    assertThat(chunks.getFirst().at("/choices/0/delta").has("refusal")).isTrue();
    assertThat(chunks.get(2).at("/choices/0/delta/tool_calls/0").toString())
        .isEqualTo(
            "{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}");
    assertThat(chunks.get(4).at("/choices/0/delta/tool_calls/0/index").asInt()).isEqualTo(1);
    assertThat(chunks.getLast().path("choices")).isEmpty();
    assertThat(chunks.getLast().at("/usage/total_tokens").asInt()).isEqualTo(14);
    assertThat(sent).endsWith("data: [DONE]\n\n");
    assertThat(writer.events()).isEqualTo(chunks.size() + 1);
    assertThat(chunks)
        .allSatisfy(
            chunk -> {
              assertThat(chunk.path("id").asText()).isEqualTo("i");
              assertThat(chunk.path("object").asText()).isEqualTo("chat.completion.chunk");
            });
  }

  @Test
  void callsAreToldApartHoweverTheServerNumbersThem() {
    var numbered0 =
        delta(
            "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}");

    assertThat(calls(numbered0)).containsExactly("a f {}", "b f {}");
    assertThat(calls(numbered0.replace("\"index\":0,\"id\"", "\"id\"")))
        .containsExactly("a f {}", "b f {}");
    assertThat(
            calls(
                delta(
                    "{\"tool_calls\":[{\"index\":3,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}"),
                delta(
                    "{\"tool_calls\":[{\"index\":3,\"function\":{\"arguments\":\"{\\\"x\\\":\"}}]}"),
                delta(
                    "{\"tool_calls\":[{\"index\":5,\"id\":\"b\",\"function\":{\"name\":\"g\"}}]}"),
                delta("{\"tool_calls\":[{\"index\":3,\"function\":{\"arguments\":\"1}\"}}]}")))
        .containsExactly("a f {\"x\":1}", "b g {}");
    assertThat(
            calls(
                delta(
                    "{\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"x\":1}}}]}")))
        .containsExactly("call_0_0 f {\"x\":1}");
  }

  @Test
  void stopWithCallsIsToolCallsToOtherLanguages() {
    var steps =
        read(
            delta("{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\"}}]}"),
            finish("stop"));

    assertThat(steps).contains(new StreamEvent.Finished(0, Answer.Finish.TOOL_CALLS, "stop", null));
  }

  @Test
  void mistralsListsOfContentAreTextAndThoughts() {
    assertThat(
            read(
                delta(
                    "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},{\"type\":\"text\",\"text\":\"4\"}]}")))
        .contains(new StreamEvent.Thought(0, "hm"), new StreamEvent.Text(0, "4"));
  }

  @Test
  void azuresChunksWithoutChoicesOrDeltaSayNothing() {
    assertThat(
            read(
                "{\"choices\":[],\"id\":\"\",\"model\":\"\",\"prompt_filter_results\":[]}",
                "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"finish_reason\":null,\"content_filter_offsets\":{}}]}",
                text("x")))
        .containsExactly(new StreamEvent.Started("c1", "m1"), new StreamEvent.Text(0, "x"));
  }

  @Test
  void groqsUsageInsideItsOwnObjectCounts() {
    var steps =
        read(
            "{\"id\":\"c1\",\"choices\":[],\"x_groq\":{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}}");

    assertThat(steps)
        .anySatisfy(
            step ->
                assertThat(step)
                    .isInstanceOfSatisfying(
                        StreamEvent.Used.class,
                        used -> assertThat(used.usage().getOutputText()).isEqualTo(2)));
  }

  @Test
  void openRoutersDetailsArePutTogether() {
    var steps =
        read(
            delta(
                "{\"reasoning\":\"h\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"h\",\"index\":0}]}"),
            delta(
                "{\"reasoning\":\"m\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"m\",\"index\":0}]}"),
            delta(
                "{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"signature\":\"s\",\"index\":0}]}"),
            text("x"));

    assertThat(steps.stream().filter(StreamEvent.ThoughtState.class::isInstance))
        .singleElement()
        .satisfies(
            step ->
                assertThat(((StreamEvent.ThoughtState) step).state())
                    .hasToString(
                        "{\"type\":\"reasoning.text\",\"text\":\"hm\",\"index\":0,\"signature\":\"s\"}"));
  }

  @Test
  void anEndMarkWithoutFinishReasonIsBelievedWhereTokensWereCounted() {
    var exchange =
        Exchanged.of(
            Exchanged.streaming(Surface.OPENAI_CHAT),
            "{\"model\":\"a\",\"stream\":true,\"messages\":[]}",
            provider);

    var run = run(exchange, events(List.of(text("x"), Exchanged.USAGE, "[DONE]")));

    assertThat(run.usable().finishReason()).isEqualTo("stop");
  }

  private JsonNode written(String body, String host) throws IOException {
    return Json.MAPPER.readTree(
        provider.request(
            Exchanged.whole(Surface.OPENAI_CHAT),
            caller.prompt(bytes(body)),
            new Endpoint(host, null),
            refusing()));
  }

  private static Unsupported refusing() {
    return parameter -> {
      throw UnsupportedCallException.of(parameter, "test");
    };
  }

  private JsonNode told(List<Output> outputs) throws IOException {
    return Json.MAPPER.readTree(caller.answer(answer(outputs))).at("/choices/0/message");
  }

  private static Answer answer(List<Output> outputs) {
    return new Answer(
        "i",
        "m",
        NOW,
        List.of(new Answer.Choice(outputs, Answer.Finish.STOP, "end_turn", null, null)),
        USAGE,
        null);
  }

  private List<JsonNode> stream(List<StreamEvent> steps) throws IOException {
    var out = new ByteArrayOutputStream();
    var writer = caller.stream(StreamStart.fresh(NOW));
    steps.forEach(step -> out.writeBytes(writer.write(step)));
    return chunks(out.toString(StandardCharsets.UTF_8));
  }

  private static List<JsonNode> chunks(String stream) throws IOException {
    var chunks = new ArrayList<JsonNode>();
    for (var line : stream.lines().toList()) {
      if (line.startsWith("data: {")) {
        chunks.add(Json.MAPPER.readTree(line.substring("data: ".length())));
      }
    }
    return chunks;
  }

  private List<StreamEvent> read(String... chunks) {
    var reader = provider.stream(Exchanged.streaming(Surface.OPENAI_CHAT));
    var steps = new ArrayList<StreamEvent>();
    for (var chunk : chunks) {
      steps.addAll(reader.read(new ServerSentEvent(null, bytes(chunk))));
    }
    return steps;
  }

  private List<String> calls(String... chunks) {
    var all = new ArrayList<>(List.of(chunks));
    all.add(finish("tool_calls"));
    var assembler = new AnswerAssembler();
    read(all.toArray(String[]::new)).forEach(assembler::take);
    var calls = new ArrayList<String>();
    for (var output : assembler.answer("openai", NOW, USAGE).choices().getFirst().outputs()) {
      if (output instanceof Output.Called called) {
        calls.add(called.id() + " " + called.name() + " " + called.arguments());
      }
    }
    return calls;
  }
}
