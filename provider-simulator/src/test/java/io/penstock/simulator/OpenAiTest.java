package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What OpenAI's surfaces can do beyond text. */
class OpenAiTest {
  private static final String TOOLS =
      """
      ,"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
      "properties":{"city":{"type":"string"}}}}},
      {"type":"function","function":{"name":"readClock"}}]""";

  private final Simulator simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
  private final SimulatorClient client = new SimulatorClient(simulator);

  @AfterEach
  void stop() {
    client.close();
    simulator.close();
  }

  @Test
  void toolsAreCalledAtOnce() throws IOException {
    var body = json(client.postChat(chat("m", "weather and clock", TOOLS)));

    var choice = body.at("/choices/0");
    assertThat(choice.get("finish_reason").asText()).isEqualTo("tool_calls");
    assertThat(choice.at("/message/content").isNull()).isTrue();
    var calls = choice.at("/message/tool_calls");
    assertThat(calls).hasSize(2);
    assertThat(calls.at("/0/id").asText()).startsWith("call_");
    assertThat(calls.at("/0/type").asText()).isEqualTo("function");
    assertThat(calls.at("/0/function/arguments").asText()).isEqualTo("{\"city\":\"city\"}");
    assertThat(calls.at("/1/function/name").asText()).isEqualTo("readClock");
    assertThat(calls.at("/1/function/arguments").asText()).isEqualTo("{}");
    assertThat(calls.at("/1/id")).isNotEqualTo(calls.at("/0/id"));
  }

  @Test
  void aStreamTellsToolCallsByTheirNumber() throws IOException {
    var response = client.postChat(chat("m", "weather and clock", TOOLS + ",\"stream\":true"));

    var names = new TreeMap<Integer, String>();
    var arguments = new TreeMap<Integer, String>();
    JsonNode last = null;
    for (var event : Bodies.events(response.body())) {
      last = event;
      for (var call : event.at("/choices/0/delta/tool_calls")) {
        int index = call.get("index").asInt();
        if (call.has("id")) {
          names.put(index, call.at("/function/name").asText());
        }
        arguments.merge(index, call.at("/function/arguments").asText(), String::concat);
      }
    }
    assertThat(names).containsEntry(0, "get_weather").containsEntry(1, "readClock").hasSize(2);
    assertThat(arguments).containsEntry(0, "{\"city\":\"city\"}").containsEntry(1, "{}");
    assertThat(last).isNotNull();
    assertThat(last.at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
  }

  @Test
  void toolsAreCalledAsTheCallOrTheModelSays() throws IOException {
    assertThat(calls(chat("m", "hello", TOOLS))).isZero();
    assertThat(calls(chat("m", "hello", TOOLS + ",\"tool_choice\":\"required\""))).isEqualTo(1);
    assertThat(calls(chat("m", "weather", TOOLS + ",\"tool_choice\":\"none\""))).isZero();
    assertThat(calls(chat("m", "weather and clock", TOOLS + ",\"parallel_tool_calls\":false")))
        .isEqualTo(1);
    assertThat(calls(chat("m+tool-calls-3", "hello", TOOLS))).isEqualTo(3);
    var empty = json(client.postChat(chat("m+tools+tool-arguments-empty", "hello", TOOLS)));
    assertThat(empty.at("/choices/0/message/tool_calls/0/function/arguments").asText("?"))
        .isEmpty();
    var stop = json(client.postChat(chat("m+tools+tool-stop", "hello", TOOLS)));
    assertThat(stop.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
  }

  @Test
  void aSchemaIsAnsweredWithAnInstance() throws IOException {
    var schema =
        """
        {"type":"object","required":["name","tags","size","when","kind","inner"],"properties":{
        "name":{"type":"string","minLength":6},"tags":{"type":"array","minItems":2,"items":{"type":"string"}},
        "size":{"type":"number","maximum":3},"when":{"type":"string","format":"date-time"},
        "kind":{"enum":["b","a"]},"none":{"type":["null","string"]},"inner":{"$ref":"#/$defs/inner"}},
        "$defs":{"inner":{"type":"object","properties":{"ok":{"const":true}}}}}""";
    var format =
        ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":"
            + schema
            + "}}";

    var text = Bodies.OPENAI.text(json(client.postChat(chat("m", "hello", format))));
    var invalid =
        Bodies.OPENAI.text(json(client.postChat(chat("m+fault-schema-invalid", "hello", format))));
    var prose =
        Bodies.OPENAI.text(json(client.postChat(chat("m+fault-not-json", "hello", format))));

    assertThat(text)
        .isEqualTo(
            "{\"name\":\"namexx\",\"tags\":[\"tags\",\"tags\"],\"size\":3,"
                + "\"when\":\"2026-01-02T03:04:05Z\",\"kind\":\"b\",\"none\":null,\"inner\":{\"ok\":true}}");
    assertThat(SimulatorClient.json(invalid).has("name")).isFalse();
    assertThat(prose).doesNotContain("{");
  }

  @Test
  void anyObjectWillDoForJsonMode() throws IOException {
    var body =
        json(
            client.postChat(chat("m", "hello", ",\"response_format\":{\"type\":\"json_object\"}")));

    assertThat(SimulatorClient.json(Bodies.OPENAI.text(body)).has("answer")).isTrue();
  }

  @Test
  void reasoningIsBilledAndShownOnlyOnOrder() throws IOException {
    var hidden =
        json(client.postChat(chat("m+tokens-5", "hello", ",\"reasoning_effort\":\"low\"")));
    var shown = json(client.postChat(chat("m+tokens-5+reasoning", "hello")));
    var stream = client.postChat(chat("m+tokens-5+reasoning", "hello", ",\"stream\":true"));

    var path = "/usage/completion_tokens_details/reasoning_tokens";
    assertThat(hidden.at(path).asInt()).isEqualTo(12);
    assertThat(hidden.at("/usage/completion_tokens").asInt()).isEqualTo(17);
    assertThat(hidden.at("/choices/0/message").has("reasoning_content")).isFalse();
    assertThat(shown.at("/choices/0/message/reasoning_content").asText()).isNotEmpty();
    assertThat(stream.body()).contains("\"delta\":{\"reasoning_content\":\"");
  }

  @Test
  void azureFiltersBeginAndAccompanyAStream() throws IOException {
    var response =
        client.post(
            "/openai/deployments/d+tokens-3/chat/completions?api-version=2024-10-21",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],\"stream\":true}",
            "api-key",
            "anything");

    assertThat(response.headers().firstValue("apim-request-id")).isPresent();
    var events = Bodies.events(response.body());
    assertThat(events.getFirst().get("choices")).isEmpty();
    assertThat(events.getFirst().has("prompt_filter_results")).isTrue();
    assertThat(events)
        .anySatisfy(
            event -> {
              assertThat(event.at("/choices/0").has("delta")).isFalse();
              assertThat(event.at("/choices/0").has("content_filter_offsets")).isTrue();
            });
    assertThat(simulator.log().calls(0, 1).getFirst().model()).isEqualTo("d+tokens-3");
  }

  @Test
  void azureSaysMoreAboutWhatItFiltered() throws IOException {
    var body = json(Bodies.AZURE.ask(client, "d+fault-content-filter", "hello"));

    assertThat(body.at("/error/code").asText()).isEqualTo("content_filter");
    assertThat(body.at("/error/innererror/code").asText())
        .isEqualTo("ResponsibleAIPolicyViolation");
  }

  @Test
  void responsesHaveEveryMemberThatClientsRequire() throws IOException {
    var body = json(Bodies.RESPONSES.ask(client, "m", "hello"));

    assertThat(body.get("id").asText()).startsWith("resp_");
    assertThat(body.get("status").asText()).isEqualTo("completed");
    for (var name :
        List.of(
            "tools",
            "tool_choice",
            "temperature",
            "top_p",
            "parallel_tool_calls",
            "metadata",
            "instructions",
            "error",
            "incomplete_details")) {
      assertThat(body.has(name)).as(name).isTrue();
    }
    assertThat(body.at("/usage/input_tokens").asInt()).isEqualTo(8);
    assertThat(body.at("/usage").has("output_tokens_details")).isTrue();
    assertThat(body.at("/output/0/content/0").has("annotations")).isTrue();
  }

  @Test
  void responsesStreamNamedAndNumberedEvents() throws IOException {
    var stream = Bodies.RESPONSES.ask(client, "m+tokens-2", "hello", ",\"stream\":true").body();

    var events = Bodies.events(stream);
    assertThat(events)
        .extracting(event -> event.get("type").asText())
        .containsExactly(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed");
    for (int index = 0; index < events.size(); index++) {
      assertThat(events.get(index).get("sequence_number").asInt()).isEqualTo(index);
    }
    assertThat(stream).doesNotContain("[DONE]").contains("event: response.created\n");
    assertThat(events.getLast().at("/response/usage/output_tokens").asInt()).isEqualTo(2);
  }

  @Test
  void responsesCallFunctionsAndReason() throws IOException {
    var tools =
        ",\"tools\":[{\"type\":\"function\",\"name\":\"get_weather\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}]";

    var body = json(Bodies.RESPONSES.ask(client, "m", "the weather", tools));
    var stream =
        Bodies.RESPONSES.ask(client, "m", "the weather", tools + ",\"stream\":true").body();
    var thinking =
        json(
            Bodies.RESPONSES.ask(
                client, "m", "hello", ",\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"}"));

    assertThat(body.at("/output/0/type").asText()).isEqualTo("function_call");
    assertThat(body.at("/output/0/arguments").asText()).isEqualTo("{\"city\":\"city\"}");
    assertThat(body.at("/output/0/call_id").asText()).startsWith("call_");
    assertThat(stream).contains("response.function_call_arguments.delta");
    assertThat(thinking.at("/output/0/type").asText()).isEqualTo("reasoning");
    assertThat(thinking.at("/output/1/type").asText()).isEqualTo("message");
  }

  private int calls(String body) throws IOException {
    return json(client.postChat(body)).at("/choices/0/message/tool_calls").size();
  }
}
