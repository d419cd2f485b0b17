package io.penstock.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletion.Choice.FinishReason;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStatus;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.node.Node;
import io.penstock.standalone.node.NodeConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The official clients of OpenAI and Anthropic, unchanged, with providers of their own and of every
 * other dialect behind: text, streams, tools, structured answers.
 */
class OfficialClientsTest {

  @TempDir private static Path directory;
  private static Simulator simulator;
  private static Node node;
  private static OpenAIClient openai;
  private static AnthropicClient anthropic;

  /** What structured answers are parsed into. */
  public static final class River {
    public String name = "";
    public long length;
  }

  @BeforeAll
  static void start() throws Exception {
    simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
    node =
        Node.start(
            new NodeConfig(
                directory.resolve("data"),
                0,
                """
                organizations: [{id: alpha, name: Alpha}]
                pools:
                  - {name: openai, dialect: openai, base-url: "%1$s/v1"}
                  - {name: anthropic, dialect: anthropic, base-url: "%1$s/v1"}
                  - {name: gemini, dialect: gemini, base-url: "%1$s/v1beta"}
                models:
                  - {name: text-openai, targets: [{pool: openai, model: m, price: p}]}
                  - {name: text-anthropic, targets: [{pool: anthropic, model: m, price: p}]}
                  - {name: text-gemini, targets: [{pool: gemini, model: m, price: p}]}
                  - {name: tools-openai, targets: [{pool: openai, model: "m+tools+tool-calls-2", price: p}]}
                  - {name: tools-anthropic, targets: [{pool: anthropic, model: "m+tools+tool-calls-2", price: p}]}
                  - {name: tools-gemini, targets: [{pool: gemini, model: "m+tools+tool-calls-2", price: p}]}
                prices:
                  - {name: p, lines: {input_uncached: "0.15", output_text: "0.60"}}
                """
                    .formatted(simulator.uri()),
                null));
    String key;
    try (var admin = new ApiClient(node.url(), node.adminKey())) {
      key = admin.createKey("test", "alpha");
    }
    openai =
        OpenAIOkHttpClient.builder().baseUrl(node.url() + "/v1").apiKey(key).maxRetries(0).build();
    anthropic =
        AnthropicOkHttpClient.builder()
            .baseUrl(node.url().toString())
            .apiKey(key)
            .maxRetries(0)
            .build();
  }

  @AfterAll
  static void stop() {
    openai.close();
    anthropic.close();
    node.close();
    simulator.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini"})
  void openAisClientGetsTheSameTextAsAnAnswerAndAsAStream(String provider) {
    var params = chat("text-" + provider).build();

    var whole = openai.chat().completions().create(params);
    var streamed = streamed(params);

    assertThat(text(whole)).isNotBlank().isEqualTo(text(streamed));
    assertThat(whole.choices().getFirst().finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(streamed.choices().getFirst().finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(streamed.usage().orElseThrow().totalTokens())
        .isPositive()
        .isEqualTo(whole.usage().orElseThrow().totalTokens());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/v1", "/openai/v1", "/openai/deployments/text-openai"})
  void openAisClientFindsUsUnderEveryBaseUrlThatIsInUse(String path) {
    var client = openai.withOptions(options -> options.baseUrl(node.url() + path));

    assertThat(text(client.chat().completions().create(chat("text-openai").build()))).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini"})
  void everyChunkOfAStreamHasAChoiceUnlessUsageIsAskedFor(String provider) {
    try (var stream =
        openai.chat().completions().createStreaming(chat("text-" + provider).build())) {
      assertThat(stream.stream())
          .isNotEmpty()
          .allSatisfy(chunk -> assertThat(chunk.choices()).hasSize(1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini"})
  void openAisClientCallsToolsAtOnceAndInAStreamAndBringsBackTheirResults(String provider) {
    var params = chat("tools-" + provider).addTool(weather()).build();

    var whole = openai.chat().completions().create(params);
    var streamed = streamed(params);

    for (var answer : List.of(whole, streamed)) {
      assertThat(answer.choices().getFirst().finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
      var calls = answer.choices().getFirst().message().toolCalls().orElseThrow();
      assertThat(calls).hasSize(2);
      assertThat(calls.stream().map(call -> call.asFunction().id()).distinct()).hasSize(2);
      assertThat(calls)
          .allSatisfy(
              call -> {
                assertThat(call.asFunction().function().name()).isEqualTo("weather");
                assertThat(
                        Installed.JSON
                            .readTree(call.asFunction().function().arguments())
                            .has("city"))
                    .isTrue();
              });
    }
    var message = whole.choices().getFirst().message();
    var followUp = params.toBuilder().model("text-" + provider).addMessage(message);
    for (var call : message.toolCalls().orElseThrow()) {
      followUp.addMessage(
          ChatCompletionToolMessageParam.builder()
              .toolCallId(call.asFunction().id())
              .content("Sunny.")
              .build());
    }
    assertThat(text(openai.chat().completions().create(followUp.build()))).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini"})
  void openAisClientParsesAStructuredAnswer(String provider) {
    var answer =
        openai
            .chat()
            .completions()
            .create(chat("text-" + provider).responseFormat(River.class).build());

    assertThat(answer.choices().getFirst().message().content().orElseThrow().name).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini"})
  void openAisClientGetsAResponseAndItsStream(String provider) {
    var params =
        ResponseCreateParams.builder()
            .model("text-" + provider)
            .input("Tell me about water.")
            .maxOutputTokens(400)
            .build();

    var whole = openai.responses().create(params);
    var accumulator = ResponseAccumulator.create();
    try (var stream = openai.responses().createStreaming(params)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    var streamed = accumulator.response();

    for (var response : List.of(whole, streamed)) {
      assertThat(response.status().orElseThrow()).isEqualTo(ResponseStatus.COMPLETED);
      assertThat(response.usage().orElseThrow().totalTokens()).isPositive();
      assertThat(
              response
                  .validate()
                  .output()
                  .getFirst()
                  .asMessage()
                  .content()
                  .getFirst()
                  .asOutputText()
                  .text())
          .isNotBlank();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini"})
  void anthropicsClientGetsTheSameTextAsAnAnswerAndAsAStream(String provider) {
    var params = message("text-" + provider).build();

    var whole = anthropic.messages().create(params);
    var streamed = streamed(params);

    assertThat(text(whole)).isNotBlank().isEqualTo(text(streamed));
    assertThat(whole.stopReason().orElseThrow()).isEqualTo(StopReason.END_TURN);
    assertThat(streamed.stopReason().orElseThrow()).isEqualTo(StopReason.END_TURN);
    assertThat(streamed.usage().outputTokens())
        .isPositive()
        .isEqualTo(whole.usage().outputTokens());
    assertThat(whole.usage().inputTokens()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini"})
  void anthropicsClientUsesToolsAtOnceAndInAStreamAndBringsBackTheirResults(String provider) {
    var params =
        message("tools-" + provider)
            .addTool(
                Tool.builder()
                    .name("weather")
                    .description("The weather of a city.")
                    .inputSchema(
                        Tool.InputSchema.builder()
                            .properties(
                                Tool.InputSchema.Properties.builder()
                                    .putAdditionalProperty(
                                        "city",
                                        com.anthropic.core.JsonValue.from(Map.of("type", "string")))
                                    .build())
                            .addRequired("city")
                            .build())
                    .build())
            .build();

    var whole = anthropic.messages().create(params);
    var streamed = streamed(params);

    for (var answer : List.of(whole, streamed)) {
      assertThat(answer.stopReason().orElseThrow()).isEqualTo(StopReason.TOOL_USE);
      var uses = answer.content().stream().flatMap(block -> block.toolUse().stream()).toList();
      assertThat(uses).hasSize(2).extracting(use -> use.id()).doesNotHaveDuplicates();
      assertThat(uses).allSatisfy(use -> assertThat(use.name()).isEqualTo("weather"));
      assertThat(uses).allSatisfy(use -> assertThat(use._input().toString()).contains("city"));
    }
    var results =
        whole.content().stream()
            .flatMap(block -> block.toolUse().stream())
            .map(
                use ->
                    ContentBlockParam.ofToolResult(
                        ToolResultBlockParam.builder()
                            .toolUseId(use.id())
                            .content("Sunny.")
                            .build()))
            .toList();
    var followUp =
        params.toBuilder()
            .model("text-" + provider)
            .addMessage(whole)
            .addUserMessageOfContentBlockParams(results)
            .build();
    assertThat(text(anthropic.messages().create(followUp))).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini"})
  void anthropicsClientParsesAStructuredAnswer(String provider) {
    var answer =
        anthropic.messages().create(message("text-" + provider).outputConfig(River.class).build());

    var river =
        answer.content().stream().flatMap(block -> block.text().stream()).findFirst().orElseThrow();
    assertThat(river.text().name).isNotNull();
  }

  private static ChatCompletionCreateParams.Builder chat(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addSystemMessage("Be brief.")
        .addUserMessage("Tell me about water.")
        .maxCompletionTokens(400);
  }

  private static MessageCreateParams.Builder message(String model) {
    return MessageCreateParams.builder()
        .model(model)
        .system("Be brief.")
        .addUserMessage("Tell me about water.")
        .maxTokens(400);
  }

  private static ChatCompletionFunctionTool weather() {
    return ChatCompletionFunctionTool.builder()
        .function(
            FunctionDefinition.builder()
                .name("weather")
                .description("The weather of a city.")
                .parameters(
                    FunctionParameters.builder()
                        .putAdditionalProperty("type", com.openai.core.JsonValue.from("object"))
                        .putAdditionalProperty(
                            "properties",
                            com.openai.core.JsonValue.from(
                                Map.of("city", Map.of("type", "string"))))
                        .putAdditionalProperty(
                            "required", com.openai.core.JsonValue.from(List.of("city")))
                        .build())
                .build())
        .build();
  }

  private static ChatCompletion streamed(ChatCompletionCreateParams params) {
    var accumulator = ChatCompletionAccumulator.create();
    var counted =
        params.toBuilder()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    try (var stream = openai.chat().completions().createStreaming(counted)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    return accumulator.chatCompletion();
  }

  private static Message streamed(MessageCreateParams params) {
    var accumulator = MessageAccumulator.create();
    try (var stream = anthropic.messages().createStreaming(params)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    return accumulator.message();
  }

  private static String text(ChatCompletion completion) {
    return completion.choices().getFirst().message().content().orElse("");
  }

  private static String text(Message message) {
    var text = new StringBuilder();
    message.content().forEach(block -> block.text().ifPresent(part -> text.append(part.text())));
    return text.toString();
  }
}
