package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SurfaceTest {
  private final Simulator simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
  private final SimulatorClient client = new SimulatorClient(simulator);

  @AfterEach
  void stop() {
    client.close();
    simulator.close();
  }

  @Test
  void aChatIsAnsweredWithOpenAisObject() throws IOException {
    var response = client.postChat(chat("gpt-4o-mini", "What is a penstock?"));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    assertThat(response.headers().firstValue("x-request-id").orElseThrow()).startsWith("req_");
    assertThat(response.headers().firstValue("openai-processing-ms")).contains("0");
    var body = json(response);
    assertThat(body.get("id").asText()).startsWith("chatcmpl-");
    assertThat(body.get("object").asText()).isEqualTo("chat.completion");
    assertThat(body.get("model").asText()).isEqualTo("gpt-4o-mini");
    assertThat(body.get("choices")).hasSize(1);
    var choice = body.get("choices").get(0);
    assertThat(choice.get("index").asInt()).isZero();
    assertThat(choice.get("message").get("role").asText()).isEqualTo("assistant");
    assertThat(choice.get("message").get("refusal").isNull()).isTrue();
    assertThat(choice.get("logprobs").isNull()).isTrue();
    assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
    var usage = body.get("usage");
    assertThat(usage.get("prompt_tokens").asInt()).isEqualTo(3 + 3 + 5);
    assertThat(usage.get("completion_tokens").asInt()).isEqualTo(words(choice));
    assertThat(usage.get("total_tokens").asInt()).isEqualTo(11 + words(choice));
    assertThat(usage.at("/prompt_tokens_details/cached_tokens").asInt(-1)).isZero();
    assertThat(usage.at("/completion_tokens_details/reasoning_tokens").asInt(-1)).isZero();
  }

  @Test
  void theBoundOnTokensIsHonouredAndNamedAsTheReason() throws IOException {
    for (var bound : List.of("max_tokens", "max_completion_tokens")) {
      var body = json(client.postChat(chat("m", "long", ",\"" + bound + "\":2")));

      var choice = body.get("choices").get(0);
      assertThat(choice.get("finish_reason").asText()).isEqualTo("length");
      assertThat(words(choice)).isEqualTo(2);
      assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(2);
    }
  }

  @Test
  void severalChoicesDifferAndAreAllCounted() throws IOException {
    var body = json(client.postChat(chat("m", "hello", ",\"n\":3")));

    assertThat(body.get("choices")).hasSize(3);
    int words = 0;
    for (var choice : body.get("choices")) {
      words += words(choice);
    }
    assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(words);
    assertThat(body.at("/choices/0/message/content"))
        .isNotEqualTo(body.at("/choices/1/message/content"));
    assertThat(body.at("/choices/2/index").asInt()).isEqualTo(2);
  }

  @Test
  void unicodeInModelAndContentIsNoTrouble() throws IOException {
    var body = json(client.postChat(chat("modèle \\\"€\\\" 😀", "日本語 \\n 😀")));

    assertThat(body.get("model").asText()).isEqualTo("modèle \"€\" 😀");
  }

  @Test
  void embeddingsAreTheSameAsFloatsAndAsBase64() throws IOException {
    var floats = json(client.post("/v1/embeddings", embeddings("\"float\"")));
    var encoded = json(client.post("/v1/embeddings", embeddings("\"base64\"")));

    assertThat(floats.get("data")).hasSize(2);
    assertThat(floats.at("/usage/prompt_tokens").asInt()).isEqualTo(2);
    assertThat(floats.at("/usage/total_tokens").asInt()).isEqualTo(2);
    assertThat(floats.at("/data/0/embedding")).isNotEqualTo(floats.at("/data/1/embedding"));
    double squares = 0;
    var vector = floats.at("/data/1/embedding");
    assertThat(vector).hasSize(8);
    var bytes = Base64.getDecoder().decode(encoded.at("/data/1/embedding").asText());
    var decoded = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    for (int index = 0; index < vector.size(); index++) {
      assertThat((float) vector.get(index).asDouble()).isEqualTo(decoded.get(index));
      squares += vector.get(index).asDouble() * vector.get(index).asDouble();
    }
    assertThat(squares).isCloseTo(1, within(1e-5));
  }

  @Test
  void modelsAndHealthAreServed() throws IOException {
    assertThat(client.getJson("/v1/models").get("object").asText()).isEqualTo("list");
    assertThat(client.getJson("/v1/models").at("/data/0/object").asText()).isEqualTo("model");
    assertThat(client.getJson("/health").get("status").asText()).isEqualTo("ok");
  }

  @Test
  void whatIsNotJsonIsRefusedInOpenAisEnvelope() throws IOException {
    var response = client.postChat("{\"model\":");

    assertThat(response.statusCode()).isEqualTo(400);
    var error = json(response).get("error");
    assertThat(error.get("message").asText()).startsWith("We could not parse the JSON body");
    assertThat(error.get("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.get("param").isNull()).isTrue();
    assertThat(error.get("code").isNull()).isTrue();
  }

  @Test
  void anEmptyBodyIsRefusedToo() throws IOException {
    assertThat(client.postChat("").statusCode()).isEqualTo(400);
  }

  @Test
  void unknownPathsAndMethodsAreRefusedInOpenAisEnvelope() throws IOException {
    var unknown = client.post("/v1/foo", "{}");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(json(unknown).at("/error/message").asText()).isEqualTo("Invalid URL (POST /v1/foo)");

    var method = client.delete("/v1/models");
    assertThat(method.statusCode()).isEqualTo(405);
    assertThat(json(method).at("/error/message").asText())
        .startsWith("Not allowed to DELETE on /v1/models.");
  }

  @Test
  void aConnectionIsUsedAgainAfterAnError() throws IOException {
    client.postChat("nonsense");

    assertThat(client.postChat(chat("m", "hello")).statusCode()).isEqualTo(200);
  }

  @Test
  void aBodyOverTheLimitIsRefused() throws IOException {
    var config = SimulatorConfig.standard().admitting(old -> old.withBodyBytesMax(1_000));
    try (var small = Simulator.start(config, "127.0.0.1", 0);
        var smallClient = new SimulatorClient(small)) {
      var response = smallClient.postChat(chat("m", "x".repeat(2_000)));

      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(json(response).at("/error/message").asText())
          .isEqualTo("The request body is over the limit of 1000 bytes.");
    }
  }

  @Test
  void aRequiredKeyIsRequired() throws IOException {
    var config = SimulatorConfig.standard().withRequiredKey(new ApiKey("sk-right"));
    try (var guarded = Simulator.start(config, "127.0.0.1", 0);
        var guardedClient = new SimulatorClient(guarded)) {
      var body = chat("m", "hello");

      var without = guardedClient.postChat(body);
      var wrong = guardedClient.postChat(body, "authorization", "Bearer sk-wrong");
      var right = guardedClient.postChat(body, "authorization", "Bearer sk-right");

      assertThat(without.statusCode()).isEqualTo(401);
      assertThat(wrong.statusCode()).isEqualTo(401);
      assertThat(json(wrong).at("/error/code").asText()).isEqualTo("invalid_api_key");
      assertThat(json(wrong).at("/error/type").asText()).isEqualTo("invalid_request_error");
      assertThat(wrong.body()).doesNotContain("sk-wrong");
      assertThat(right.statusCode()).isEqualTo(200);
      assertThat(guardedClient.get("/v1/models").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void onlyConfiguredModelsExistIfAnyAre() throws IOException {
    var config = SimulatorConfig.standard().withModels(List.of("a", "b"));
    try (var picky = Simulator.start(config, "127.0.0.1", 0);
        var pickyClient = new SimulatorClient(picky)) {
      var unknown = pickyClient.postChat(chat("c", "hello"));

      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(json(unknown).at("/error/code").asText()).isEqualTo("model_not_found");
      assertThat(pickyClient.postChat(chat("b", "hello")).statusCode()).isEqualTo(200);
      assertThat(pickyClient.getJson("/v1/models").get("data")).hasSize(2);
    }
  }

  private static String embeddings(String format) {
    return "{\"model\":\"e\",\"input\":[\"one\",\"two\"],\"dimensions\":8,\"encoding_format\":"
        + format
        + "}";
  }

  private static int words(JsonNode choice) {
    return choice.at("/message/content").asText().split(" ", -1).length;
  }
}
