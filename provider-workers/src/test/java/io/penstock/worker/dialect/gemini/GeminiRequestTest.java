package io.penstock.worker.dialect.gemini;

import static io.penstock.worker.dialect.Prompts.assistant;
import static io.penstock.worker.dialect.Prompts.called;
import static io.penstock.worker.dialect.Prompts.prompt;
import static io.penstock.worker.dialect.Prompts.result;
import static io.penstock.worker.dialect.Prompts.user;
import static io.penstock.worker.dialect.gemini.Samples.json;
import static io.penstock.worker.dialect.gemini.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.penstock.schemas.avro.Surface;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiRequestTest {

  private static final JsonNode WEATHER =
      json("{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}");

  @Test
  void theModelStandsInThePathAndTheKeyInAHeader() {
    var provider = new GeminiProvider();

    assertThat(provider.path(Surface.OPENAI_CHAT, "gemini-3-pro", false, Samples.GOOGLE))
        .isEqualTo("/models/gemini-3-pro:generateContent");
    assertThat(provider.path(Surface.ANTHROPIC_MESSAGES, "models/a b/c", true, Samples.GOOGLE))
        .isEqualTo("/models/a%20b%2Fc:streamGenerateContent?alt=sse");
    assertThat(provider.path(Surface.OPENAI_CHAT, "tunedModels/x", false, Samples.GOOGLE))
        .isEqualTo("/tunedModels/x:generateContent");
    assertThat(provider.path(Surface.OPENAI_EMBEDDINGS, "e", false, Samples.GOOGLE))
        .isEqualTo("/models/e:batchEmbedContents");
    assertThat(provider.headers("k")).isEqualTo(Map.of("x-goog-api-key", "k"));
    assertThat(provider.headers(null)).isEmpty();
  }

  @Test
  void leadingInstructionsStandApartAndTurnsOfOneSideAreOne() {
    var request =
        request(
            prompt(
                new Message.Instructions(List.of(new Part.Text("Be kind.", null))),
                new Message.Instructions(List.of(new Part.Text("Be brief.", null))),
                user("a"),
                user(""),
                user("b"),
                assistant(new Output.Said("c")),
                new Message.Instructions(List.of(new Part.Text("Now in French.", null))),
                user("d")));

    assertThat(request)
        .isEqualTo(
            json(
                """
                {"systemInstruction":{"parts":[{"text":"Be kind."},{"text":"Be brief."}]},
                 "contents":[
                  {"role":"user","parts":[{"text":"a"},{"text":"b"}]},
                  {"role":"model","parts":[{"text":"c"}]},
                  {"role":"user","parts":[{"text":"Now in French."},{"text":"d"}]}]}"""));
  }

  @Test
  void instructionsAloneAreSomethingToAnswer() {
    var request = request(prompt(new Message.Instructions(List.of(new Part.Text("Greet.", null)))));

    assertThat(request)
        .isEqualTo(json("{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Greet.\"}]}]}"));
  }

  @Test
  void parallelToolResultsAreOneTurnWithAsManyResponsesAsThereWereCallsInTheirOrder() {
    var request =
        request(
            prompt(
                user("both?"),
                assistant(called("1", "weather", "{\"city\":\"Bern\"}"), called("2", "time", "{}")),
                result("2", "noon"),
                result("1", "{\"sky\":\"grey\"}"),
                user("And?")));

    assertThat(request.path("contents"))
        .isEqualTo(
            json(
                """
                [{"role":"user","parts":[{"text":"both?"}]},
                 {"role":"model","parts":[
                   {"functionCall":{"id":"1","name":"weather","args":{"city":"Bern"}},
                    "thoughtSignature":"skip_thought_signature_validator"},
                   {"functionCall":{"id":"2","name":"time","args":{}}}]},
                 {"role":"user","parts":[
                   {"functionResponse":{"id":"1","name":"weather","response":{"sky":"grey"}}},
                   {"functionResponse":{"id":"2","name":"time","response":{"output":"noon"}}},
                   {"text":"And?"}]}]"""));
  }

  @Test
  void aCallThatNobodyAnsweredStillHasItsResponse() {
    var request =
        request(
            prompt(
                user("?"),
                assistant(called("1", "a", "{}"), called("2", "b", "{}")),
                result("2", "x"),
                user("!")));

    assertThat(request.path("contents").path(2).path("parts"))
        .isEqualTo(
            json(
                """
                [{"functionResponse":{"id":"1","name":"a",
                   "response":{"error":"the call was not answered"}}},
                 {"functionResponse":{"id":"2","name":"b","response":{"output":"x"}}},
                 {"text":"!"}]"""));
  }

  @Test
  void aResultWhoseIdIsUnknownGoesToTheCallOfItsNameOrTheNextInOrder() {
    var named =
        new Message.ToolResult("x", "b", List.of(new Part.Text("of b", null)), /* error= */ true);

    var request =
        request(
            prompt(
                user("?"),
                assistant(called("1", "a", "{}"), called("2", "b", "{}")),
                named,
                result("y", "of a")));

    assertThat(request.path("contents").path(2).path("parts"))
        .isEqualTo(
            json(
                """
                [{"functionResponse":{"id":"1","name":"a","response":{"output":"of a"}}},
                 {"functionResponse":{"id":"2","name":"b","response":{"error":"of b"}}}]"""));
  }

  @Test
  void aResultWithoutACallIsRefused() {
    var prompt = prompt(user("?"), result("1", "x"));

    assertThatThrownBy(() -> request(prompt))
        .isInstanceOf(UnsupportedCallException.class)
        .hasMessage("a tool result belongs to no tool call");
  }

  @Test
  void aToolResultThatHoldsAReferenceGoesAsText() {
    var schema = "{\"properties\":{\"a\":{\"$ref\":\"#/definitions/b\"}}}";

    var request =
        request(prompt(user("?"), assistant(called("1", "a", "{}")), result("1", schema)));

    var response = request.path("contents").path(2).path("parts").path(0).path("functionResponse");
    assertThat(response.path("response")).isEqualTo(Trees.object().put("output", schema));
  }

  @ParameterizedTest
  @CsvSource({"gemini-3-pro, true", "gemini-2.5-flash, false"})
  void aPictureFromAToolStandsInsideTheResponseWhereTheModelTakesItAndBesideItElsewhere(
      String model, boolean inside) {
    var picture = new Part.Image(new Source.Inline("image/png", "AA=="), null);
    var prompt =
        prompt(
            user("?"),
            assistant(called("1", "a", "{}")),
            new Message.ToolResult("1", null, List.of(picture), /* error= */ false));

    var parts = request(model, prompt, new ArrayList<>()).path("contents").path(2).path("parts");

    var media = json("{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"AA==\"}}");
    assertThat(
            inside ? parts.path(0).path("functionResponse").path("parts").path(0) : parts.path(1))
        .isEqualTo(media);
    assertThat(parts).hasSize(inside ? 1 : 2);
  }

  @Test
  void aThoughtSignatureComesBackOnTheSamePart() {
    var state = TextNode.valueOf("c2ln");

    var request =
        request(
            prompt(
                user("?"),
                assistant(
                    new Output.Said("Let me see."),
                    new Output.Thought("gemini", null, json("{\"thoughtSignature\":\"dGV4dA==\"}")),
                    new Output.Called("1", "a", "{}", state),
                    called("2", "b", "{}")),
                result("1", "x"),
                result("2", "y"),
                assistant(
                    new Output.Thought(
                        "gemini", "hm", json("{\"thoughtSignature\":\"dGg=\",\"thought\":true}")),
                    new Output.Said("Done."),
                    new Output.Thought(
                        "gemini", null, json("{\"thoughtSignature\":\"ZW5k\",\"text\":\"\"}"))),
                user("Thanks.")));

    assertThat(request.path("contents").path(1).path("parts"))
        .isEqualTo(
            json(
                """
                [{"text":"Let me see.","thoughtSignature":"dGV4dA=="},
                 {"functionCall":{"id":"1","name":"a","args":{}},"thoughtSignature":"c2ln"},
                 {"functionCall":{"id":"2","name":"b","args":{}}}]"""));
    assertThat(request.path("contents").path(3).path("parts"))
        .isEqualTo(
            json(
                """
                [{"text":"hm","thought":true,"thoughtSignature":"dGg="},
                 {"text":"Done."},
                 {"text":"","thoughtSignature":"ZW5k"}]"""));
  }

  @Test
  void aSignatureThatCallersPutBeforeTheTextStillStandsOnIt() {
    var request =
        request(
            prompt(
                user("?"),
                assistant(
                    new Output.Thought("gemini", null, json("{\"thoughtSignature\":\"cw==\"}")),
                    new Output.Said("x"))));

    assertThat(request.path("contents").path(1).path("parts"))
        .isEqualTo(json("[{\"text\":\"x\",\"thoughtSignature\":\"cw==\"}]"));
  }

  @Test
  void historyOfAnotherModelHasTheDummySignatureOnTheFirstCallOfEachTurnAndNoForeignThoughts() {
    var prompt =
        prompt(
            user("?"),
            assistant(
                new Output.Thought("anthropic", "hm", json("{\"signature\":\"s\"}")),
                called("1", "a", "{}"),
                called("2", "a", "{}")),
            result("1", "x"),
            result("2", "x"),
            assistant(called("3", "a", "{}")),
            result("3", "x"));

    assertThat(request(prompt).findValuesAsText("thoughtSignature"))
        .containsExactly("skip_thought_signature_validator", "skip_thought_signature_validator");
    assertThat(request(prompt).toString()).doesNotContain("hm");
    assertThat(
            request("gemini-2.5-flash", prompt, new ArrayList<>())
                .findValuesAsText("thoughtSignature"))
        .isEmpty();
  }

  @Test
  void toolsHaveJsonSchemasWithATypeAndWithoutEmptyProperties() {
    var tools =
        List.of(
            new Tool("weather", "Tells the weather.", WEATHER, null),
            new Tool("time", null, json("{\"type\":\"object\",\"properties\":{}}"), null),
            new Tool("untyped", null, json("{\"properties\":{\"a\":{\"$ref\":\"#\"}}}"), null),
            new Tool("nothing", null, null, null));

    var request = request(with(tools, new ToolChoice.Named("time"), null));

    assertThat(request.path("tools").path(0).path("functionDeclarations"))
        .isEqualTo(
            json(
                """
                [{"name":"weather","description":"Tells the weather.","parametersJsonSchema":
                   {"type":"object","properties":{"city":{"type":"string"}}}},
                 {"name":"time","parametersJsonSchema":{"type":"object"}},
                 {"name":"untyped","parametersJsonSchema":
                   {"type":"object","properties":{"a":{"$ref":"#"}}}},
                 {"name":"nothing"}]"""));
    assertThat(request.path("toolConfig"))
        .isEqualTo(
            json(
                "{\"functionCallingConfig\":{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"time\"]}}"));
  }

  @Test
  void toolChoicesAreModes() {
    var tool = List.of(new Tool("weather", null, WEATHER, null));
    var strict = List.of(new Tool("weather", null, WEATHER, true));

    assertThat(mode(tool, new ToolChoice.Auto())).isEqualTo("AUTO");
    assertThat(mode(tool, new ToolChoice.None())).isEqualTo("NONE");
    assertThat(mode(tool, new ToolChoice.Required())).isEqualTo("ANY");
    assertThat(mode(tool, null)).isEmpty();
    assertThat(mode(strict, null)).isEqualTo("VALIDATED");
  }

  private static String mode(List<Tool> tools, @Nullable ToolChoice choice) {
    return request(with(tools, choice, null))
        .path("toolConfig")
        .path("functionCallingConfig")
        .path("mode")
        .asText();
  }

  @Test
  void oneToolAtATimeCannotBeAskedFor() {
    var unsupported = new ArrayList<String>();

    request(
        "gemini-3-pro", with(List.of(new Tool("a", null, null, null)), null, false), unsupported);

    assertThat(unsupported).containsExactly("parallel_tool_calls");
  }

  @Test
  void oneCallOfAForcedFunctionIsWhatGeminiMakesAnyway() {
    var unsupported = new ArrayList<String>();
    var tools = List.of(new Tool("a", null, null, null));

    request("gemini-3-pro", with(tools, new ToolChoice.Named("a"), false), unsupported);

    assertThat(unsupported).isEmpty();
  }

  @Test
  void theSchemaOfAnAnswerGoesAsJsonSchemaAndNeverAsGooglesSubset() {
    var format = new OutputFormat.JsonSchema("weather", json("{\"$ref\":\"#/$defs/a\"}"), true);

    var request = request(formatted(format, List.of()));

    assertThat(request.path("generationConfig"))
        .isEqualTo(
            json(
                """
                {"responseMimeType":"application/json",
                 "responseJsonSchema":{"$ref":"#/$defs/a"}}"""));
    assertThat(
            request(formatted(new OutputFormat.JsonObject(), List.of())).path("generationConfig"))
        .isEqualTo(json("{\"responseMimeType\":\"application/json\"}"));
  }

  @Test
  void jsonBesideToolsIsRefusedWhereTheModelCannotDoBoth() {
    var unsupported = new ArrayList<String>();
    var prompt = formatted(new OutputFormat.JsonObject(), List.of(new Tool("a", null, null, null)));

    request("gemini-2.5-pro", prompt, unsupported);

    assertThat(unsupported).containsExactly("response_format");
    assertThat(request(prompt).path("generationConfig").path("responseMimeType").asText())
        .isEqualTo("application/json");
  }

  @ParameterizedTest(name = "{0} at {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          minimal | gemini-3-flash   | {"thinkingLevel":"MINIMAL"}
          minimal | gemini-3-pro     | {"thinkingLevel":"LOW"}
          medium  | gemini-3.1-pro   | {"thinkingLevel":"MEDIUM"}
          max     | gemini-pro-latest | {"thinkingLevel":"HIGH"}
          none    | gemini-3-flash   | reasoning_effort
          none    | gemini-2.5-flash | {"thinkingBudget":0}
          none    | gemini-2.5-pro   | reasoning_effort
          low     | gemini-2.5-pro   | {"thinkingBudget":1024}
          medium  | gemini-2.5-flash | {"thinkingBudget":8192}
          xhigh   | gemini-2.5-flash | {"thinkingBudget":24576}
          low     | gemini-2.0-flash | reasoning_effort
          none    | gemini-2.0-flash | nothing
          """)
  void effortsAreLevelsOrBudgets(String effort, String model, String expected) {
    var unsupported = new ArrayList<String>();

    var request =
        request(model, reasoning(new Reasoning(effort, null, null)), unsupported)
            .path("generationConfig")
            .path("thinkingConfig");

    if (expected.startsWith("{")) {
      assertThat(request).isEqualTo(json(expected));
      assertThat(unsupported).isEmpty();
    } else {
      assertThat(request.isMissingNode()).isTrue();
      assertThat(unsupported).isEqualTo(expected.equals("nothing") ? List.of() : List.of(expected));
    }
  }

  @Test
  void aBudgetAndTheWishToSeeThoughtsGoAsTheyAre() {
    var request = request(reasoning(new Reasoning(null, 2000L, true)));

    assertThat(request.path("generationConfig"))
        .isEqualTo(json("{\"thinkingConfig\":{\"thinkingBudget\":2000,\"includeThoughts\":true}}"));
  }

  @Test
  void limitsAndSamplingHaveTheirPlaces() {
    var prompt =
        new Prompt(
            List.of(user("?")),
            List.of(),
            null,
            null,
            new OutputFormat.Text(),
            50L,
            new Sampling(
                new BigDecimal("0.70"), new BigDecimal("0.9"), 40L, BigDecimal.ONE, null, 7L),
            List.of("###"),
            2,
            null,
            "end-user",
            "default",
            false,
            Map.of(
                "logprobs",
                BooleanNode.TRUE,
                "top_logprobs",
                IntNode.valueOf(2),
                "metadata",
                json("{\"a\":\"b\"}")));

    var request = request(prompt);

    assertThat(request.path("generationConfig").toString())
        .isEqualTo(
            "{\"maxOutputTokens\":50,\"candidateCount\":2,\"stopSequences\":[\"###\"],"
                + "\"temperature\":0.7,\"topP\":0.9,\"topK\":40,\"presencePenalty\":1,\"seed\":7,"
                + "\"responseLogprobs\":true,\"logprobs\":2}");
    assertThat(request.path("serviceTier").asText()).isEqualTo("standard");
    assertThat(request.has("safetySettings")).isFalse();
  }

  @Test
  void whatHasNoCounterpartIsReported() {
    var unsupported = new ArrayList<String>();
    var prompt =
        new Prompt(
            List.of(user("?")),
            List.of(),
            null,
            null,
            new OutputFormat.Text(),
            null,
            new Sampling(null, null, null, null, null, 1L << 40),
            List.of(),
            1,
            null,
            null,
            "scale",
            true,
            Map.of(
                "logit_bias",
                json("{\"1\":2}"),
                "logprobs",
                BooleanNode.TRUE,
                "store",
                BooleanNode.FALSE,
                "audio",
                json("{\"voice\":\"x\"}")));

    request("gemini-3-pro", prompt, unsupported);

    assertThat(unsupported)
        .containsExactly("seed", "service_tier", "audio", "logit_bias", "logprobs");
  }

  @Test
  void theLimitOfTheHoldStandsInWhereTheCallerGaveNone() {
    var call = Samples.call("gemini-3-pro");
    call.setOutputTokensLimit(99L);

    var body =
        new GeminiProvider().request(call, prompt(user("?")), Samples.GOOGLE, parameter -> {});

    assertThat(json(body).path("generationConfig").path("maxOutputTokens").asInt()).isEqualTo(99);
  }

  @Test
  void picturesSoundAndDocumentsAreInlineOrByAddress() {
    var request =
        request(
            prompt(
                new Message.User(
                    List.of(
                        new Part.Image(new Source.Url("https://a.b/c.png?x=1"), "high"),
                        new Part.Image(new Source.Url("https://a.b/c"), null),
                        new Part.Image(new Source.Url("data:image/webp;base64,AA=="), null),
                        new Part.Audio("wav", "AA=="),
                        new Part.Document("a.pdf", new Source.Inline("application/pdf", "AA==")),
                        new Part.Document(
                            "a.csv", new Source.ProviderFile("https://g/v1beta/files/1"))))));

    assertThat(request.path("contents").path(0).path("parts"))
        .isEqualTo(
            json(
                """
                [{"fileData":{"mimeType":"image/png","fileUri":"https://a.b/c.png?x=1"}},
                 {"fileData":{"mimeType":"image/jpeg","fileUri":"https://a.b/c"}},
                 {"inlineData":{"mimeType":"image/webp","data":"AA=="}},
                 {"inlineData":{"mimeType":"audio/wav","data":"AA=="}},
                 {"inlineData":{"mimeType":"application/pdf","data":"AA=="}},
                 {"fileData":{"mimeType":"text/csv","fileUri":"https://g/v1beta/files/1"}}]"""));
    var foreign =
        prompt(
            new Message.User(List.of(new Part.Document(null, new Source.ProviderFile("file-1")))));
    assertThatThrownBy(() -> request(foreign))
        .isInstanceOf(UnsupportedCallException.class)
        .hasMessageContaining("file_id");
  }

  private static Prompt with(
      List<Tool> tools, @Nullable ToolChoice choice, @Nullable Boolean parallel) {
    return asked(tools, choice, parallel, new OutputFormat.Text(), null);
  }

  private static Prompt formatted(OutputFormat format, List<Tool> tools) {
    return asked(tools, null, null, format, null);
  }

  private static Prompt reasoning(Reasoning reasoning) {
    return asked(List.of(), null, null, new OutputFormat.Text(), reasoning);
  }

  private static Prompt asked(
      List<Tool> tools,
      @Nullable ToolChoice choice,
      @Nullable Boolean parallel,
      OutputFormat format,
      @Nullable Reasoning reasoning) {
    return new Prompt(
        List.of(user("?")),
        tools,
        choice,
        parallel,
        format,
        null,
        Sampling.DEFAULT,
        List.of(),
        1,
        reasoning,
        null,
        null,
        false,
        Map.of());
  }
}
