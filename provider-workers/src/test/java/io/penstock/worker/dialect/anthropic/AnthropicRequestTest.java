package io.penstock.worker.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.Prompts;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Message.Part;
import io.penstock.worker.dialect.canonical.Message.Source;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.canonical.Prompt.Reasoning;
import io.penstock.worker.dialect.canonical.Prompt.Sampling;
import io.penstock.worker.dialect.canonical.Prompt.Tool;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnthropicRequestTest {

  private static final Prompt HELLO = Prompts.prompt(Prompts.user("hello"));
  private static final Tool WEATHER = new Tool("weather", null, null, null);

  private final AnthropicProvider provider = new AnthropicProvider();
  private final List<String> unsupported = new ArrayList<>();

  @Test
  void resultsOfParallelCallsAreOneUserMessageResultsFirst() {
    var request =
        Samples.request(
            Prompts.prompt(
                Prompts.user("weather in Bern and Ulm?"),
                Prompts.assistant(
                    Prompts.called("call_1", "weather", "{\"city\":\"Bern\"}"),
                    Prompts.called("call_2", "weather", "{\"city\":\"Ulm\"}")),
                Prompts.result("call_1", "rain"),
                Prompts.user("hurry"),
                Prompts.result("call_2", "sun")));

    assertThat(request.path("messages"))
        .isEqualTo(
            Samples.json(
                """
                [{"role":"user","content":[{"type":"text","text":"weather in Bern and Ulm?"}]},
                 {"role":"assistant","content":[
                  {"type":"tool_use","id":"call_1","name":"weather","input":{"city":"Bern"}},
                  {"type":"tool_use","id":"call_2","name":"weather","input":{"city":"Ulm"}}]},
                 {"role":"user","content":[
                  {"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"rain"}]},
                  {"type":"tool_result","tool_use_id":"call_2","content":[{"type":"text","text":"sun"}]},
                  {"type":"text","text":"hurry"}]}]
                """));
  }

  @Test
  void idsThatAnthropicRefusesBecomeSafeOnesOneToOne() {
    var request =
        Samples.request(
            Prompts.prompt(
                Prompts.user("go"),
                Prompts.assistant(
                    Prompts.called("functions.a:0", "a", ""),
                    Prompts.called("functions.a:1", "a", ""),
                    Prompts.called("", "a", "")),
                Prompts.result("functions.a:1", "one"),
                Prompts.result("functions.a:0", "zero"),
                Prompts.result("", "none")));

    var calls = request.path("messages").path(1).path("content");
    var results = request.path("messages").path(2).path("content");
    assertThat(calls.findValuesAsText("id"))
        .allMatch(id -> id.matches("[a-zA-Z0-9_-]+"))
        .doesNotHaveDuplicates();
    assertThat(results.findValuesAsText("tool_use_id"))
        .containsExactly(
            calls.path(1).path("id").asText(),
            calls.path(0).path("id").asText(),
            calls.path(2).path("id").asText());
  }

  @Test
  void anIdThatComesAgainInALaterTurnStaysWithItsOwnResult() {
    var request =
        Samples.request(
            Prompts.prompt(
                Prompts.user("go"),
                Prompts.assistant(Prompts.called("call_0", "a", "{}")),
                Prompts.result("call_0", "first"),
                Prompts.assistant(Prompts.called("call_0", "a", "{}")),
                Prompts.result("call_0", "second")));

    assertThat(request.path("messages").findValuesAsText("id"))
        .containsExactly("call_0", "call_0_2");
    assertThat(request.path("messages").findValuesAsText("tool_use_id"))
        .containsExactly("call_0", "call_0_2");
  }

  @Test
  void leadingInstructionsAreTheSystemAndLaterOnesStayWhereTheyAre() {
    var request =
        Samples.request(
            Prompts.prompt(
                instructions("be brief"),
                instructions("be kind"),
                Prompts.user("hello"),
                instructions("be rude"),
                Prompts.user("again")));

    assertThat(request.path("system").findValuesAsText("text"))
        .containsExactly("be brief", "be kind");
    assertThat(request.path("messages").findValuesAsText("text"))
        .containsExactly("hello", "<system>\nbe rude\n</system>", "again");
    assertThat(request.path("messages")).hasSize(1);
  }

  @Test
  void instructionsAloneAreAskedAsAUserWould() {
    var request = Samples.request(Prompts.prompt(instructions("say hello")));

    assertThat(request.has("system")).isFalse();
    assertThat(request.path("messages").path(0).path("role").asText()).isEqualTo("user");
    assertThat(request.path("messages").findValuesAsText("text")).containsExactly("say hello");
  }

  @Test
  void neighboursOfOneRoleAreMergedAndEmptyTextsDropped() {
    var request =
        Samples.request(
            Prompts.prompt(
                Prompts.user("one"),
                Prompts.assistant(new Output.Said(" \n")),
                Prompts.user(""),
                Prompts.user("two"),
                Prompts.assistant(new Output.Said("three")),
                Prompts.assistant(new Output.Said("four"))));

    assertThat(request.path("messages")).hasSize(2);
    assertThat(request.path("messages").findValuesAsText("text"))
        .containsExactly("one", "two", "three", "four");
  }

  @Test
  void nothingToAnswerIsNoCall() {
    assertThatThrownBy(() -> Samples.request(Prompts.prompt(Prompts.user(" "))))
        .isInstanceOf(UnsupportedCallException.class)
        .hasMessage("the messages hold nothing to answer");
  }

  @Test
  void aBeginningLosesTheWhiteSpaceAtItsEnd() {
    var request =
        Samples.request(
            Prompts.prompt(Prompts.user("count"), Prompts.assistant(new Output.Said("1, 2, \n"))));

    assertThat(request.path("messages").findValuesAsText("text")).containsExactly("count", "1, 2,");
  }

  @Test
  void imagesAndDocumentsKeepTheirSource() {
    var request =
        Samples.request(
            Prompts.prompt(
                new Message.User(
                    List.of(
                        new Part.Image(new Source.Url("https://x/y.png"), "high"),
                        new Part.Image(new Source.Inline("image/png", "AAAA"), null),
                        new Part.Document("a.pdf", new Source.Inline("application/pdf", "BBBB")),
                        new Part.Document(null, new Source.Inline("text/plain", "aGk=")),
                        new Part.Document(null, new Source.ProviderFile("file_1"))))));

    assertThat(request.path("messages").path(0).path("content"))
        .isEqualTo(
            Samples.json(
                """
                [{"type":"image","source":{"type":"url","url":"https://x/y.png"}},
                 {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
                 {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"BBBB"},"title":"a.pdf"},
                 {"type":"document","source":{"type":"text","media_type":"text/plain","data":"hi"}},
                 {"type":"document","source":{"type":"file","file_id":"file_1"}}]
                """));
  }

  @Test
  void audioIsRefused() {
    assertThatThrownBy(
            () ->
                Samples.request(
                    Prompts.prompt(new Message.User(List.of(new Part.Audio("wav", "AAAA"))))))
        .isInstanceOf(UnsupportedCallException.class)
        .hasMessageContaining("input_audio");
  }

  @Test
  void cacheMarksAndToolErrorsAreKept() {
    var mark = Samples.json("{\"type\":\"ephemeral\",\"ttl\":\"1h\"}");
    var request =
        Samples.request(
            Prompts.prompt(
                new Message.User(List.of(new Part.Text("long", mark))),
                Prompts.assistant(Prompts.called("c", "a", "{}")),
                new Message.ToolResult("c", "a", List.of(), /* error= */ true)));

    assertThat(request.path("messages").path(0).path("content").path(0).path("cache_control"))
        .isEqualTo(mark);
    assertThat(request.path("messages").path(2).path("content").path(0))
        .isEqualTo(
            Samples.json("{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"is_error\":true}"));
  }

  @Test
  void argumentsKeepTheirNumbersAndBrokenOnesAreShown() {
    var request =
        Samples.request(
            Prompts.prompt(
                Prompts.user("go"),
                Prompts.assistant(
                    Prompts.called("a", "f", "{\"x\":1.10,\"y\":12345678901234567890.5}"),
                    Prompts.called("b", "f", "{\"x\":"))));

    var calls = request.path("messages").path(1).path("content");
    assertThat(calls.path(0).path("input").toString())
        .isEqualTo("{\"x\":1.10,\"y\":12345678901234567890.5}");
    assertThat(calls.path(1).path("input")).isEqualTo(Trees.object().put("arguments", "{\"x\":"));
  }

  @Test
  void toolsAlwaysHaveASchemaOfAnObject() {
    var request =
        Samples.request(
            tools(
                null,
                null,
                WEATHER,
                new Tool("f", "does f", Samples.json("{\"properties\":{}}"), true)));

    assertThat(request.path("tools"))
        .isEqualTo(
            Samples.json(
                """
                [{"name":"weather","input_schema":{"type":"object","properties":{}}},
                 {"name":"f","description":"does f","input_schema":{"type":"object","properties":{}},"strict":true}]
                """));
    assertThat(request.has("tool_choice")).isFalse();
  }

  @Test
  void toolChoicesHaveTheirCounterparts() {
    assertThat(choice(new ToolChoice.Auto(), null)).isEqualTo("{\"type\":\"auto\"}");
    assertThat(choice(new ToolChoice.None(), false)).isEqualTo("{\"type\":\"none\"}");
    assertThat(choice(new ToolChoice.Required(), true)).isEqualTo("{\"type\":\"any\"}");
    assertThat(choice(new ToolChoice.Named("weather"), false))
        .isEqualTo("{\"type\":\"tool\",\"name\":\"weather\",\"disable_parallel_tool_use\":true}");
    assertThat(choice(null, false))
        .isEqualTo("{\"type\":\"auto\",\"disable_parallel_tool_use\":true}");
  }

  @Test
  void theOutputLimitIsTheCallersElseTheHoldsElseOurs() {
    var call = Samples.call("claude-sonnet-4-5");
    assertThat(request(HELLO).path("max_tokens").asLong()).isEqualTo(4096);

    call.setOutputTokensLimit(777L);
    assertThat(Samples.request(call, HELLO, unsupported).path("max_tokens").asLong())
        .isEqualTo(777);
    assertThat(
            Samples.request(call, with(HELLO, 55L, null), unsupported).path("max_tokens").asLong())
        .isEqualTo(55);
  }

  @Test
  void whatHasNoCounterpartIsReportedAndNeverSilentlyLeftOut() {
    var request =
        request(
            new Prompt(
                HELLO.messages(),
                List.of(),
                null,
                null,
                new OutputFormat.Text(),
                null,
                new Sampling(new BigDecimal("1.5"), null, null, BigDecimal.ONE, BigDecimal.TEN, 7L),
                List.of("END", "\n"),
                3,
                null,
                "u1",
                "flex",
                /* stream= */ true,
                Map.of(
                    "logit_bias", Samples.json("{\"1\":2}"),
                    "logprobs", Samples.json("true"),
                    "verbosity", Samples.json("\"low\""))));

    assertThat(unsupported)
        .containsExactlyInAnyOrder(
            "temperature",
            "presence_penalty",
            "frequency_penalty",
            "seed",
            "stop",
            "n",
            "service_tier",
            "logit_bias",
            "logprobs",
            "verbosity");
    assertThat(request)
        .isEqualTo(
            Samples.json(
                """
                {"model":"claude-sonnet-4-5","max_tokens":4096,
                 "messages":[{"role":"user","content":[{"type":"text","text":"hello"}]}],
                 "stop_sequences":["END"],"metadata":{"user_id":"u1"},"stream":true}
                """));
  }

  @Test
  void whatIsTheDefaultAnywayIsNoParameter() {
    request(
        new Prompt(
            HELLO.messages(),
            List.of(),
            null,
            null,
            new OutputFormat.Text(),
            null,
            new Sampling(
                new BigDecimal("1.0"),
                BigDecimal.ONE,
                null,
                BigDecimal.ZERO,
                BigDecimal.ZERO,
                null),
            List.of(),
            1,
            null,
            null,
            "auto",
            /* stream= */ false,
            Map.of(
                "logit_bias", Samples.json("{}"),
                "logprobs", Samples.json("false"),
                "store", Samples.json("null"),
                "prompt_cache_key", Samples.json("\"k\""))));

    assertThat(unsupported).isEmpty();
  }

  @Test
  void temperatureUpToOneIsSentAsItWasWritten() {
    var request = request(with(HELLO, null, temperature("0.70")));

    assertThat(unsupported).isEmpty();
    assertThat(request.path("temperature").toString()).isEqualTo("0.70");
  }

  @Test
  void modelsThatSampleTheirOwnWayAreNotToldHow() {
    var request =
        Samples.request(
            Samples.call("claude-opus-4-8"), with(HELLO, null, temperature("0.7")), unsupported);

    assertThat(unsupported).containsExactly("temperature");
    assertThat(request.has("temperature")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "claude-opus-4-6, low, adaptive, low, 0",
    "claude-opus-4-8-20260528, xhigh, adaptive, xhigh, 0",
    "claude-fable-5, minimal, adaptive, low, 0",
    "glm-5, high, adaptive, high, 0",
    "claude-sonnet-4-5-20250929, low, enabled, , 2000",
    "claude-3-7-sonnet-20250219, medium, enabled, , 5000",
    "claude-opus-4-20250514, minimal, enabled, , 1024",
    "claude-sonnet-4-0, none, disabled, , 0",
  })
  void effortIsToldTheWayTheModelKnows(
      String model, String effort, String type, @Nullable String told, long budget) {
    var request =
        Samples.request(
            Samples.call(model), thinking(10_000L, new Reasoning(effort, null, null)), unsupported);

    assertThat(unsupported).isEmpty();
    assertThat(request.path("thinking").path("type").asText()).isEqualTo(type);
    assertThat(Trees.textOrNull(request.path("output_config").path("effort"))).isEqualTo(told);
    assertThat(request.path("thinking").path("budget_tokens").asLong()).isEqualTo(budget);
  }

  @ParameterizedTest
  @CsvSource({
    "claude-opus-4-6, xhigh, , 10000",
    "claude-3-5-sonnet-20241022, high, , 10000",
    "claude-sonnet-4-5, high, , 1024",
    "claude-sonnet-4-5, , 1023, 10000",
    "claude-opus-4-7, , 2048, 10000",
    "claude-sonnet-4-5, extreme, , 10000",
  })
  void thoughtThatTheModelCannotGiveIsReported(
      String model, @Nullable String effort, @Nullable Long budget, long outputTokensMax) {
    var request =
        Samples.request(
            Samples.call(model),
            thinking(outputTokensMax, new Reasoning(effort, budget, null)),
            unsupported);

    assertThat(unsupported).containsExactly("reasoning_effort");
    assertThat(request.has("thinking")).isFalse();
    assertThat(request.has("output_config")).isFalse();
  }

  @Test
  void aBudgetStaysBelowTheOutputLimitAndHowItIsShownIsTold() {
    var request = request(thinking(5000L, new Reasoning(null, 9000L, false)));

    assertThat(request.path("thinking"))
        .isEqualTo(
            Samples.json("{\"type\":\"enabled\",\"budget_tokens\":4999,\"display\":\"omitted\"}"));
  }

  @Test
  void temperatureIsNotSentBesideThinking() {
    var prompt =
        new Prompt(
            HELLO.messages(),
            List.of(),
            null,
            null,
            new OutputFormat.Text(),
            10_000L,
            new Sampling(new BigDecimal("0.5"), new BigDecimal("0.9"), 5L, null, null, null),
            List.of(),
            1,
            new Reasoning("high", null, null),
            null,
            null,
            /* stream= */ false,
            Map.of());

    var request = request(prompt);

    assertThat(unsupported).containsExactly("temperature", "top_p", "top_k");
    assertThat(request.has("temperature")).isFalse();
    assertThat(request.has("thinking")).isTrue();
  }

  @Test
  void aForcedToolCallLeavesNoThinking() {
    var prompt =
        new Prompt(
            HELLO.messages(),
            List.of(WEATHER),
            new ToolChoice.Required(),
            null,
            new OutputFormat.Text(),
            10_000L,
            Sampling.DEFAULT,
            List.of(),
            1,
            new Reasoning("high", null, null),
            null,
            null,
            /* stream= */ false,
            Map.of());

    var request = request(prompt);

    assertThat(unsupported).containsExactly("reasoning_effort");
    assertThat(request.has("thinking")).isFalse();
    assertThat(request.path("tool_choice").path("type").asText()).isEqualTo("any");
  }

  @Test
  void thoughtsGoBackToTheByteAndOthersThoughtsNotAtAll() {
    var signed =
        Samples.json("{\"type\":\"thinking\",\"thinking\":\"hm\\u2028 \",\"signature\":\"Eq+/=\"}");
    var silent = Samples.json("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"Es==\"}");
    var redacted = Samples.json("{\"type\":\"redacted_thinking\",\"data\":\"Ed==\"}");
    var request =
        Samples.request(
            Prompts.prompt(
                Prompts.user("go"),
                Prompts.assistant(
                    new Output.Thought("anthropic", "hm\u2028 ", signed),
                    new Output.Thought("anthropic", null, silent),
                    new Output.Thought("anthropic", null, redacted),
                    new Output.Thought(
                        "gemini", "hm", Samples.json("{\"thoughtSignature\":\"G\"}")),
                    new Output.Thought("openai", "hm", null),
                    Prompts.called("c", "f", "{}")),
                Prompts.result("c", "ok")));

    var content = request.path("messages").path(1).path("content");
    assertThat(content).hasSize(4);
    assertThat(content.path(0)).isEqualTo(signed);
    assertThat(content.path(1)).isEqualTo(silent);
    assertThat(content.path(2)).isEqualTo(redacted);
  }

  @Test
  void unsignedThoughtsGoBackToServersThatDoNotSignAndNotToAnthropic() {
    var unsigned = Samples.json("{\"type\":\"thinking\",\"thinking\":\"hm\"}");
    var prompt =
        Prompts.prompt(
            Prompts.user("go"),
            Prompts.assistant(
                new Output.Thought("anthropic", "hm", unsigned), new Output.Said("yes")),
            Prompts.user("again"));

    var elsewhere =
        Samples.json(
            provider.request(
                Samples.call("glm-5"), prompt, new Endpoint("api.z.ai", null), unsupported::add));

    assertThat(elsewhere.path("messages").path(1).path("content").path(0)).isEqualTo(unsigned);
    assertThat(Samples.request(prompt).path("messages").path(1).path("content")).hasSize(1);
  }

  @Test
  void aBudgetIsNotGivenInTheMiddleOfCallsThatWereMadeWithoutThought() {
    var prompt =
        new Prompt(
            List.of(
                Prompts.user("go"),
                Prompts.assistant(Prompts.called("c", "f", "{}")),
                Prompts.result("c", "ok")),
            List.of(WEATHER),
            null,
            null,
            new OutputFormat.Text(),
            10_000L,
            Sampling.DEFAULT,
            List.of(),
            1,
            new Reasoning("low", null, null),
            null,
            null,
            /* stream= */ false,
            Map.of());

    assertThat(request(prompt).has("thinking")).isFalse();
    assertThat(unsupported).containsExactly("reasoning_effort");
  }

  @Test
  void aSchemaIsClosedWhereItIsOpenByOmission() {
    var schema =
        Samples.json(
            """
            {"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}},
             "c":{"type":"object","properties":{},"additionalProperties":true}}}
            """);

    var request = request(formatted(new OutputFormat.JsonSchema("x", schema, null)));

    assertThat(request.path("output_config").path("format"))
        .isEqualTo(
            Samples.json(
                """
                {"type":"json_schema","schema":{"type":"object","properties":{
                 "a":{"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":false},
                 "c":{"type":"object","properties":{},"additionalProperties":true}},
                 "additionalProperties":false}}
                """));
    assertThat(unsupported).isEmpty();
  }

  @Test
  void aModelThatKnowsNoSchemasIsNotAskedForOne() {
    Samples.request(
        Samples.call("claude-3-haiku-20240307"),
        formatted(new OutputFormat.JsonSchema("x", Samples.json("{}"), null)),
        unsupported);

    assertThat(unsupported).containsExactly("response_format");
  }

  @Test
  void anyJsonObjectIsAskedForInWords() {
    var request = request(formatted(new OutputFormat.JsonObject()));

    assertThat(request.path("system").findValuesAsText("text").getLast())
        .startsWith("Answer with one JSON object");
    assertThat(unsupported).isEmpty();
  }

  @Test
  void theCallersOwnBodyKeepsEveryByteButTheModel() {
    var call = Samples.call("claude-sonnet-4-5");
    call.setSurface(Surface.ANTHROPIC_MESSAGES);
    call.getFacts().setOutputTokensMax(9L);

    var sent =
        provider.passThrough(
            call,
            Samples.bytes("{ \"max_tokens\":9, \"model\" : \"fast\",\"messages\":[ ] }"),
            Samples.ANTHROPIC);

    assertThat(new String(sent, StandardCharsets.UTF_8))
        .isEqualTo("{ \"max_tokens\":9, \"model\" : \"claude-sonnet-4-5\",\"messages\":[ ] }");
  }

  @Test
  void otherProvidersStateIsTakenOutOfTheCallersOwnBody() {
    var call = Samples.call("claude-sonnet-4-5");
    var sealed = new SealedState("gemini", Samples.json("{\"s\":1}"), null).seal();
    var body =
        """
        {"model":"x","max_tokens":9,"messages":[{"role":"user","content":"hi"},
         {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"%s"},
          {"type":"redacted_thinking","data":"%s"},{"type":"thinking","thinking":"","signature":"Eo="},
          {"type":"text","text":"ho"}]}]}
        """
            .formatted(sealed, sealed);

    var sent = Samples.json(provider.passThrough(call, Samples.bytes(body), Samples.ANTHROPIC));

    assertThat(sent.path("messages").path(1).path("content").findValuesAsText("type"))
        .containsExactly("thinking", "text");
  }

  @Test
  void aBodyThatOnlyTalksOfUsKeepsEveryByte() {
    var call = Samples.call("m");
    call.getFacts().setOutputTokensMax(9L);
    var body =
        "{ \"model\":\"m\" , \"messages\":[{\"role\":\"user\",\"content\":\"penstock.io\"}]}";

    var sent = provider.passThrough(call, Samples.bytes(body), Samples.ANTHROPIC);

    assertThat(new String(sent, StandardCharsets.UTF_8)).isEqualTo(body);
  }

  @Test
  void aBodyWithoutOutputLimitGetsOne() {
    var sent =
        provider.passThrough(
            Samples.call("m"), Samples.bytes("{\"model\":\"x\"}"), Samples.ANTHROPIC);

    assertThat(Samples.json(sent).path("max_tokens").asLong()).isEqualTo(4096);
  }

  @Test
  void theCredentialAndTheVersionAreHeaders() {
    assertThat(provider.headers("k"))
        .containsOnly(Map.entry("x-api-key", "k"), Map.entry("anthropic-version", "2023-06-01"));
    assertThat(provider.headers(null)).containsOnlyKeys("anthropic-version");
    assertThat(provider.path(Surface.OPENAI_CHAT, "m", true, Samples.ANTHROPIC))
        .isEqualTo("/messages");
    assertThatThrownBy(
            () -> provider.path(Surface.OPENAI_EMBEDDINGS, "m", false, Samples.ANTHROPIC))
        .isInstanceOf(UnsupportedCallException.class);
  }

  private JsonNode request(Prompt prompt) {
    return Samples.request(Samples.call("claude-sonnet-4-5"), prompt, unsupported);
  }

  private static Message.Instructions instructions(String text) {
    return new Message.Instructions(List.of(new Part.Text(text, null)));
  }

  private String choice(@Nullable ToolChoice choice, @Nullable Boolean parallel) {
    return request(tools(choice, parallel, WEATHER)).path("tool_choice").toString();
  }

  private static Prompt tools(
      @Nullable ToolChoice choice, @Nullable Boolean parallel, Tool... tools) {
    return new Prompt(
        HELLO.messages(),
        List.of(tools),
        choice,
        parallel,
        new OutputFormat.Text(),
        null,
        Sampling.DEFAULT,
        List.of(),
        1,
        null,
        null,
        null,
        /* stream= */ false,
        Map.of());
  }

  private static Sampling temperature(String temperature) {
    return new Sampling(new BigDecimal(temperature), null, null, null, null, null);
  }

  private static Prompt with(Prompt prompt, @Nullable Long limit, @Nullable Sampling sampling) {
    return new Prompt(
        prompt.messages(),
        List.of(),
        null,
        null,
        prompt.format(),
        limit,
        sampling == null ? Sampling.DEFAULT : sampling,
        List.of(),
        1,
        prompt.reasoning(),
        null,
        null,
        /* stream= */ false,
        Map.of());
  }

  private static Prompt thinking(long limit, Reasoning reasoning) {
    return new Prompt(
        HELLO.messages(),
        List.of(),
        null,
        null,
        new OutputFormat.Text(),
        limit,
        Sampling.DEFAULT,
        List.of(),
        1,
        reasoning,
        null,
        null,
        /* stream= */ false,
        Map.of());
  }

  private static Prompt formatted(OutputFormat format) {
    return new Prompt(
        HELLO.messages(),
        List.of(),
        null,
        null,
        format,
        null,
        Sampling.DEFAULT,
        List.of(),
        1,
        null,
        null,
        null,
        /* stream= */ false,
        Map.of());
  }
}
