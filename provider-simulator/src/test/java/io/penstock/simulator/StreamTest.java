package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.simulator.behaviour.Latency;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamTest {
  private final Simulator simulator = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
  private final SimulatorClient client = new SimulatorClient(simulator);

  @AfterEach
  void stop() {
    client.close();
    simulator.close();
  }

  @Test
  void aStreamIsRoleThenContentThenFinishThenDone() throws IOException {
    var response = client.postChat(chat("m", "hello", ",\"stream\":true"));

    assertThat(response.headers().firstValue("content-type"))
        .contains("text/event-stream; charset=utf-8");
    assertThat(response.headers().firstValue("content-length")).isEmpty();
    var events = SimulatorClient.events(response.body());
    assertThat(events.getLast()).isEqualTo("[DONE]");
    var chunks = chunks(events);
    assertThat(chunks)
        .allSatisfy(
            chunk -> {
              assertThat(chunk.get("object").asText()).isEqualTo("chat.completion.chunk");
              assertThat(chunk.get("id")).isEqualTo(chunks.getFirst().get("id"));
              assertThat(chunk.get("model").asText()).isEqualTo("m");
              assertThat(chunk.get("choices")).hasSize(1);
              assertThat(chunk.has("usage")).isFalse();
            });
    assertThat(chunks.getFirst().at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    assertThat(chunks.getFirst().at("/choices/0/delta/content").asText()).isEmpty();
    assertThat(chunks.subList(0, chunks.size() - 1))
        .allSatisfy(chunk -> assertThat(chunk.at("/choices/0/finish_reason").isNull()).isTrue());
    assertThat(chunks.getLast().at("/choices/0/delta")).isEmpty();
    assertThat(chunks.getLast().at("/choices/0/finish_reason").asText()).isEqualTo("stop");
  }

  @Test
  void aStreamSaysTheSameAsTheWholeAnswer() throws IOException {
    var whole = json(client.postChat(chat("m", "hello")));

    var response = client.postChat(chat("m", "hello", ",\"stream\":true"));

    assertThat(content(chunks(SimulatorClient.events(response.body())), 0))
        .isEqualTo(whole.at("/choices/0/message/content").asText());
  }

  @Test
  void usageComesInAFrameWithoutChoicesBeforeDone() throws IOException {
    var whole = json(client.postChat(chat("m", "hello")));

    var response =
        client.postChat(
            chat("m", "hello", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

    var chunks = chunks(SimulatorClient.events(response.body()));
    assertThat(chunks.subList(0, chunks.size() - 1))
        .allSatisfy(
            chunk -> {
              assertThat(chunk.has("usage")).isTrue();
              assertThat(chunk.get("usage").isNull()).isTrue();
            });
    assertThat(chunks.getLast().get("choices")).isEmpty();
    assertThat(chunks.getLast().get("usage")).isEqualTo(whole.get("usage"));
  }

  @Test
  void everyChoiceOfAStreamIsTold() throws IOException {
    var whole = json(client.postChat(chat("m", "hello", ",\"n\":2,\"max_tokens\":5")));

    var response = client.postChat(chat("m", "hello", ",\"n\":2,\"max_tokens\":5,\"stream\":true"));

    var chunks = chunks(SimulatorClient.events(response.body()));
    for (int index = 0; index < 2; index++) {
      assertThat(content(chunks, index))
          .isEqualTo(whole.at("/choices/" + index + "/message/content").asText());
    }
    assertThat(chunks)
        .filteredOn(chunk -> !chunk.at("/choices/0/finish_reason").isNull())
        .extracting(chunk -> chunk.at("/choices/0/finish_reason").asText())
        .containsExactly("length", "length");
  }

  @Test
  void aSlowStreamComesInPieces() throws IOException {
    var config = SimulatorConfig.standard().withLatency(Latency.parse("fixed:120ms"));
    try (var slow = Simulator.start(config, "127.0.0.1", 0);
        var slowClient = new SimulatorClient(slow)) {
      long begun = System.nanoTime();

      var response = slowClient.postChat(chat("m", "hello", ",\"stream\":true"));

      assertThat(System.nanoTime() - begun).isGreaterThan(100_000_000L);
      assertThat(SimulatorClient.events(response.body()).getLast()).isEqualTo("[DONE]");
    }
  }

  @Test
  void aStreamIsServedWithItsTokens() throws IOException {
    client.postChat(chat("m", "hello", ",\"stream\":true"));

    var totals = simulator.log().summary();

    assertThat(totals.served()).isEqualTo(1);
    assertThat(totals.inputTokens()).isEqualTo(8);
    assertThat(totals.outputTokens()).isPositive();
  }

  private static List<JsonNode> chunks(List<String> events) {
    return events.stream()
        .filter(event -> !event.equals("[DONE]"))
        .map(SimulatorClient::json)
        .toList();
  }

  private static String content(List<JsonNode> chunks, int choice) {
    return chunks.stream()
        .filter(chunk -> chunk.at("/choices/0/index").asInt(-1) == choice)
        .map(chunk -> chunk.at("/choices/0/delta/content").asText())
        .collect(Collectors.joining());
  }
}
