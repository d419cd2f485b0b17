package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.limit.RateLimits;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GeminiTest {
  private static final String QUESTION =
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"the weather and the clock\"}]}]%s}";
  private static final String TOOLS =
      """
      ,"tools":[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT",
      "properties":{"city":{"type":"STRING"}}}},{"name":"read_clock"}]}]""";

  private final Simulator simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
  private final SimulatorClient client = new SimulatorClient(simulator);

  @AfterEach
  void stop() {
    client.close();
    simulator.close();
  }

  @Test
  void contentIsGeneratedInGooglesShape() throws IOException {
    var response = Bodies.GEMINI.ask(client, "gemini-x", "hello");

    var body = json(response);
    assertThat(body.at("/candidates/0/content/role").asText()).isEqualTo("model");
    assertThat(body.at("/candidates/0/finishReason").asText()).isEqualTo("STOP");
    assertThat(body.at("/usageMetadata/promptTokenCount").asInt()).isEqualTo(8);
    assertThat(body.at("/usageMetadata/totalTokenCount").asInt())
        .isEqualTo(8 + body.at("/usageMetadata/candidatesTokenCount").asInt());
    assertThat(body.get("modelVersion").asText()).isEqualTo("gemini-x");
    assertThat(body.get("responseId").asText()).isNotEmpty();
  }

  @Test
  void everyChunkOfAStreamTellsTheUsageAndTheLastTheEnd() throws IOException {
    var response = Bodies.GEMINI.ask(client, "m+tokens-4", "hello", Bodies.GEMINI.stream());

    assertThat(response.headers().firstValue("content-type").orElseThrow())
        .startsWith("text/event-stream");
    var events = Bodies.events(response.body());
    assertThat(events)
        .hasSize(5)
        .allSatisfy(event -> assertThat(event.has("usageMetadata")).isTrue());
    assertThat(events.getFirst().at("/usageMetadata/candidatesTokenCount").asInt()).isEqualTo(1);
    assertThat(events.getLast().at("/usageMetadata/candidatesTokenCount").asInt()).isEqualTo(4);
    assertThat(events.subList(0, 4))
        .allSatisfy(event -> assertThat(event.at("/candidates/0").has("finishReason")).isFalse());
    assertThat(events.getLast().at("/candidates/0/finishReason").asText()).isEqualTo("STOP");
  }

  @Test
  void aStreamThatIsNotAskedForEventsIsAnArray() throws IOException {
    var response =
        client.post("/v1beta/models/m+tokens-4:streamGenerateContent", QUESTION.formatted(""));

    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    assertThat(json(response).isArray()).isTrue();
    assertThat(json(response)).hasSize(5);
  }

  @Test
  void functionsAreCalledWithStopAndOnlyTheFirstIsSigned() throws IOException {
    var body = json(client.post("/v1beta/models/m:generateContent", QUESTION.formatted(TOOLS)));

    var parts = body.at("/candidates/0/content/parts");
    assertThat(parts).hasSize(2);
    assertThat(parts.at("/0/functionCall/name").asText()).isEqualTo("get_weather");
    assertThat(parts.at("/0/functionCall/args").toString()).isEqualTo("{\"city\":\"city\"}");
    assertThat(parts.at("/0").has("thoughtSignature")).isTrue();
    assertThat(parts.at("/1/functionCall/args").toString()).isEqualTo("{}");
    assertThat(parts.at("/1").has("thoughtSignature")).isFalse();
    assertThat(body.at("/candidates/0/finishReason").asText()).isEqualTo("STOP");
  }

  @Test
  void streamedFunctionCallsComeWhole() throws IOException {
    var response =
        client.post("/v1beta/models/m:streamGenerateContent?alt=sse", QUESTION.formatted(TOOLS));

    var events = Bodies.events(response.body());
    assertThat(events).hasSize(3);
    assertThat(events.getFirst().at("/candidates/0/content/parts/0/functionCall/args").toString())
        .isEqualTo("{\"city\":\"city\"}");
    assertThat(events.getLast().at("/candidates/0/finishReason").asText()).isEqualTo("STOP");
  }

  @Test
  void thoughtsArePartsOfTheirOwnAndCountedApart() throws IOException {
    var body =
        json(
            Bodies.GEMINI.ask(
                client,
                "m+tokens-5",
                "hello",
                ",\"generationConfig\":{\"thinkingConfig\":{\"includeThoughts\":true}}"));

    assertThat(body.at("/candidates/0/content/parts/0/thought").asBoolean()).isTrue();
    assertThat(body.at("/candidates/0/content/parts/1").has("thoughtSignature")).isTrue();
    assertThat(body.at("/usageMetadata/candidatesTokenCount").asInt()).isEqualTo(5);
    assertThat(body.at("/usageMetadata/thoughtsTokenCount").asInt()).isEqualTo(12);
    assertThat(body.at("/usageMetadata/totalTokenCount").asInt()).isEqualTo(8 + 5 + 12);
  }

  @Test
  void jsonIsAnsweredToASchema() throws IOException {
    var body =
        json(
            Bodies.GEMINI.ask(
                client,
                "m",
                "hello",
                ",\"generationConfig\":{\"responseMimeType\":\"application/json\",\"responseSchema\":{\"type\":\"OBJECT\",\"properties\":{\"n\":{\"type\":\"INTEGER\"}}}}"));

    assertThat(Bodies.GEMINI.text(body)).isEqualTo("{\"n\":7}");
  }

  @Test
  void aBlockedPromptIsAnAnswerWithoutCandidates() throws IOException {
    for (var more : List.of("", Bodies.GEMINI.stream())) {
      var response = Bodies.GEMINI.ask(client, "m+fault-content-filter", "hello", more);

      assertThat(response.statusCode()).isEqualTo(200);
      var body = more.isEmpty() ? json(response) : Bodies.events(response.body()).getFirst();
      assertThat(body.has("candidates")).isFalse();
      assertThat(body.at("/promptFeedback/blockReason").asText()).isEqualTo("PROHIBITED_CONTENT");
    }
    assertThat(simulator.log().summary().served()).isZero();
  }

  @Test
  void embeddingsComeOneByOneOrInABatch() throws IOException {
    var content = "{\"content\":{\"parts\":[{\"text\":\"one\"}]},\"outputDimensionality\":4}";

    var one = json(client.post("/v1beta/models/e:embedContent", content));
    var batch =
        json(
            client.post(
                "/v1beta/models/e:batchEmbedContents",
                "{\"requests\":[" + content + "," + content + "]}"));

    assertThat(one.at("/embedding/values")).hasSize(4);
    assertThat(batch.get("embeddings")).hasSize(2);
    assertThat(batch.at("/embeddings/1/values")).isEqualTo(one.at("/embedding/values"));
  }

  @Test
  void limitsAreToldOnlyInTheError() throws IOException {
    simulator.changeLimits(RateLimits.unlimited().withRequests(60));

    var first = Bodies.GEMINI.ask(client, "m", "hello");
    var refused = Bodies.GEMINI.ask(client, "m", "hello");

    assertThat(first.headers().map()).doesNotContainKey("x-ratelimit-limit-requests");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("retry-after")).isEmpty();
    assertThat(json(refused).at("/error/status").asText()).isEqualTo("RESOURCE_EXHAUSTED");
    assertThat(json(refused).at("/error/details/1/retryDelay").asText()).endsWith("s");
  }

  @Test
  void whatGeminiRefusesIsRefusedInItsEnvelope() throws IOException {
    var response = client.post("/v1beta/models/m:generateContent", "{\"contents\":[]}");
    var unknown = client.post("/v1beta/models/m:countSheep", "{}");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/code").asInt()).isEqualTo(400);
    assertThat(json(response).at("/error/status").asText()).isEqualTo("INVALID_ARGUMENT");
    assertThat(unknown.statusCode()).isEqualTo(404);
  }

  @Test
  void keysComeInGooglesHeader() throws IOException {
    var config = SimulatorConfig.standard().withRequiredKey(new ApiKey("AIza"));
    try (var guarded = Simulator.start(config, "127.0.0.1", 0);
        var guardedClient = new SimulatorClient(guarded)) {
      var path = "/v1beta/models/m:generateContent";

      var right = guardedClient.post(path, QUESTION.formatted(""), "x-goog-api-key", "AIza");
      var wrong = guardedClient.post(path, QUESTION.formatted(""), "x-goog-api-key", "no");

      assertThat(right.statusCode()).isEqualTo(200);
      assertThat(wrong.statusCode()).isEqualTo(400);
      assertThat(json(wrong).at("/error/details/0/reason").asText()).isEqualTo("API_KEY_INVALID");
    }
  }
}
