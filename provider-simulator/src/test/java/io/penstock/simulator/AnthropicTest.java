package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.limit.RateLimits;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnthropicTest {
  private static final String TOOLS =
      """
      ,"tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{
      "city":{"type":"string"},"days":{"type":"integer","minimum":9}}}},
      {"name":"read_clock","input_schema":{"type":"object","properties":{}}}]""";

  private final Simulator simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
  private final SimulatorClient client = new SimulatorClient(simulator);

  @AfterEach
  void stop() {
    client.close();
    simulator.close();
  }

  @Test
  void aMessageIsAnsweredWithAnthropicsObject() throws IOException {
    var response = ask("m", "hello", "");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("request-id").orElseThrow()).startsWith("req_");
    var body = json(response);
    assertThat(body.get("id").asText()).startsWith("msg_");
    assertThat(body.get("type").asText()).isEqualTo("message");
    assertThat(body.get("role").asText()).isEqualTo("assistant");
    assertThat(body.get("content")).hasSize(1);
    assertThat(body.get("stop_reason").asText()).isEqualTo("end_turn");
    assertThat(body.get("stop_sequence").isNull()).isTrue();
    assertThat(body.at("/usage/input_tokens").asInt()).isEqualTo(3 + 3 + 2);
    assertThat(body.at("/usage/cache_read_input_tokens").asInt(-1)).isZero();
    assertThat(body.at("/usage/cache_creation/ephemeral_1h_input_tokens").asInt(-1)).isZero();
    assertThat(body.at("/usage/output_tokens").asInt()).isPositive();
  }

  @Test
  void aStreamHasAnthropicsGrammar() throws IOException {
    var response = ask("m+tokens-3", "hello", ",\"stream\":true");

    assertThat(names(response.body()))
        .containsExactly(
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    var events = Bodies.events(response.body());
    assertThat(events.getFirst().at("/message/usage/input_tokens").asInt()).isEqualTo(8);
    assertThat(events.getFirst().at("/message/usage/output_tokens").asInt()).isEqualTo(1);
    var last = events.get(events.size() - 2);
    assertThat(last.at("/delta/stop_reason").asText()).isEqualTo("end_turn");
    assertThat(last.at("/usage/output_tokens").asInt()).isEqualTo(3);
  }

  @Test
  void toolsAreCalledWhenThePromptSpeaksOfThem() throws IOException {
    var body = json(ask("m", "what is the weather", TOOLS));

    assertThat(body.get("stop_reason").asText()).isEqualTo("tool_use");
    assertThat(body.get("content")).hasSize(1);
    var call = body.at("/content/0");
    assertThat(call.get("type").asText()).isEqualTo("tool_use");
    assertThat(call.get("id").asText()).startsWith("toolu_");
    assertThat(call.get("name").asText()).isEqualTo("get_weather");
    assertThat(call.get("input").toString()).isEqualTo("{\"city\":\"city\",\"days\":9}");
    assertThat(json(ask("m", "hello", TOOLS)).get("stop_reason").asText()).isEqualTo("end_turn");
  }

  @Test
  void severalToolsAreCalledAtOnceUnlessThatIsForbidden() throws IOException {
    var both = json(ask("m", "the weather and the clock", TOOLS));
    var one =
        json(
            ask(
                "m",
                "the weather and the clock",
                TOOLS + ",\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}"));

    assertThat(both.get("content")).hasSize(2);
    assertThat(one.get("content")).hasSize(1);
  }

  @Test
  void emptyArgumentsOfAStreamedCallAreOneEmptyPiece() throws IOException {
    var response =
        ask(
            "m",
            "hello",
            TOOLS + ",\"stream\":true,\"tool_choice\":{\"type\":\"tool\",\"name\":\"read_clock\"}");

    var deltas =
        Bodies.events(response.body()).stream()
            .filter(event -> event.get("type").asText().equals("content_block_delta"))
            .toList();
    assertThat(deltas).hasSize(1);
    assertThat(deltas.getFirst().at("/delta/type").asText()).isEqualTo("input_json_delta");
    assertThat(deltas.getFirst().at("/delta/partial_json").asText("?")).isEmpty();
  }

  @Test
  void argumentsOfAStreamedCallComeInPieces() throws IOException {
    var response = ask("m+tools", "hello", TOOLS + ",\"stream\":true");

    var arguments = new StringBuilder();
    for (var event : Bodies.events(response.body())) {
      arguments.append(event.at("/delta/partial_json").asText(""));
    }
    assertThat(arguments).hasToString("{\"city\":\"city\",\"days\":9}");
  }

  @Test
  void afterAToolsResultTheModelSpeaks() throws IOException {
    var response =
        client.post(
            "/v1/messages",
            """
            {"model":"m","max_tokens":100,"messages":[{"role":"user","content":"the weather"},
            {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"rain"}]}]"""
                + TOOLS
                + "}");

    assertThat(json(response).get("stop_reason").asText()).isIn("end_turn", "max_tokens");
  }

  @Test
  void thinkingIsShownSignedAndBilled() throws IOException {
    var more = ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}";

    var body = json(ask("m+tokens-5", "hello", more));
    var stream = ask("m+tokens-5", "hello", more + ",\"stream\":true").body();

    assertThat(body.at("/content/0/type").asText()).isEqualTo("thinking");
    assertThat(body.at("/content/0/signature").asText()).isNotEmpty();
    assertThat(body.at("/content/1/type").asText()).isEqualTo("text");
    assertThat(body.at("/usage/output_tokens").asInt()).isEqualTo(5 + 12);
    assertThat(stream).contains("thinking_delta").contains("signature_delta");
  }

  @Test
  void whatComesFromTheCacheIsNotInput() throws IOException {
    var usage = json(ask("m+cached", "hello", "")).get("usage");

    assertThat(usage.get("input_tokens").asInt()).isEqualTo(4);
    assertThat(usage.get("cache_read_input_tokens").asInt()).isEqualTo(4);
  }

  @Test
  void jsonIsAnsweredToASchema() throws IOException {
    var body =
        json(
            ask(
                "m",
                "hello",
                ",\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\",\"properties\":{\"ok\":{\"type\":\"boolean\"}}}}}"));

    assertThat(Bodies.ANTHROPIC.text(body)).isEqualTo("{\"ok\":true}");
  }

  @Test
  void whatAnthropicRefusesIsRefusedInItsEnvelope() throws IOException {
    var response = client.post("/v1/messages", "{\"model\":\"m\",\"messages\":[]}");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).get("type").asText()).isEqualTo("error");
    assertThat(json(response).at("/error/type").asText()).isEqualTo("invalid_request_error");
    assertThat(json(response).at("/error/message").asText())
        .isEqualTo("max_tokens: Field required");
    assertThat(json(response).get("request_id").asText()).startsWith("req_");
    assertThat(
            json(Bodies.ANTHROPIC.goOn(client, "m", "hello", "It ends badly "))
                .at("/error/message")
                .asText())
        .contains("trailing whitespace");
  }

  @Test
  void keysComeInAnthropicsHeader() throws IOException {
    var config = SimulatorConfig.standard().withRequiredKey(new ApiKey("sk-ant"));
    try (var guarded = Simulator.start(config, "127.0.0.1", 0);
        var guardedClient = new SimulatorClient(guarded)) {
      var body =
          "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}";

      var right = guardedClient.post("/v1/messages", body, "x-api-key", "sk-ant");
      var wrong = guardedClient.post("/v1/messages", body, "x-api-key", "sk-no");

      assertThat(right.statusCode()).isEqualTo(200);
      assertThat(wrong.statusCode()).isEqualTo(401);
      assertThat(json(wrong).at("/error/type").asText()).isEqualTo("authentication_error");
      assertThat(json(wrong).at("/error/message").asText()).isEqualTo("invalid x-api-key");
    }
  }

  @Test
  void limitsAreToldAsAnthropicTellsThem() throws IOException {
    simulator.changeLimits(RateLimits.perMinute(60, 600_000));

    var first = ask("m", "hello", "");
    var refused = ask("m", "hello", "");

    for (var kind : List.of("requests", "tokens", "input-tokens", "output-tokens")) {
      var prefix = "anthropic-ratelimit-" + kind + "-";
      assertThat(first.headers().firstValue(prefix + "limit")).isPresent();
      assertThat(first.headers().firstValue(prefix + "remaining")).isPresent();
      assertThat(Instant.parse(first.headers().firstValue(prefix + "reset").orElseThrow()))
          .isBefore(Instant.now().plusSeconds(5));
    }
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(json(refused).at("/error/type").asText()).isEqualTo("rate_limit_error");
    assertThat(refused.headers().firstValue("retry-after")).contains("1");
    assertThat(refused.headers().firstValue("retry-after-ms")).isEmpty();
  }

  private HttpResponse<String> ask(String model, String text, String more) throws IOException {
    return Bodies.ANTHROPIC.ask(client, model, text, more);
  }

  private static List<String> names(String stream) {
    return stream
        .lines()
        .filter(line -> line.startsWith("event: "))
        .map(line -> line.substring("event: ".length()))
        .toList();
  }
}
