package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client that continues streams elsewhere may rely on. */
class ContinuationTest {
  private final Simulator first = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
  private final Simulator second = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
  private final SimulatorClient firstClient = new SimulatorClient(first);
  private final SimulatorClient secondClient = new SimulatorClient(second);

  @AfterEach
  void stop() {
    firstClient.close();
    secondClient.close();
    first.close();
    second.close();
  }

  @Test
  void everyDialectOfEveryInstanceSaysTheSame() throws IOException {
    var text = Bodies.OPENAI.text(json(firstClient.postChat(chat("m", "why is that"))));

    for (var bodies : Bodies.values()) {
      var whole = bodies.ask(secondClient, "other", "why is that");
      var stream = bodies.ask(secondClient, "other", "why is that", bodies.stream());

      assertThat(bodies.text(json(whole))).as(bodies.name()).isEqualTo(text);
      assertThat(bodies.streamedText(Bodies.events(stream.body())))
          .as(bodies.name())
          .isEqualTo(text);
    }
  }

  @Test
  void everyDialectGoesOnFromWhatItIsGiven() throws IOException {
    var text = Bodies.OPENAI.text(json(firstClient.postChat(chat("m", "why is that"))));
    int cut = text.length() / 2;
    var begun = text.substring(0, cut).stripTrailing();

    for (var bodies : Bodies.values()) {
      var rest = bodies.text(json(bodies.goOn(secondClient, "m2", "why is that", begun)));

      assertThat(begun + rest).as(bodies.name()).isEqualTo(text);
    }
  }

  @Test
  void aStreamThatIsCutGoesOnElsewhere() throws IOException {
    var text = Bodies.OPENAI.text(json(firstClient.postChat(chat("m", "hello"))));
    var cut = firstClient.postChat(chat("m+fault-ends-early-after-5", "hello", ",\"stream\":true"));
    var seen = Bodies.OPENAI.streamedText(Bodies.events(cut.body()));
    assertThat(seen.split(" ", -1)).hasSize(5);
    assertThat(cut.body()).doesNotContain("[DONE]").doesNotContain("\"stop\"");

    var rest = Bodies.ANTHROPIC.goOn(secondClient, "m", "hello", seen);

    assertThat(seen + Bodies.ANTHROPIC.text(json(rest))).isEqualTo(text);
    assertThat(json(rest).at("/usage/output_tokens").asInt())
        .isEqualTo(text.split(" ", -1).length - 5);
  }

  @Test
  void systemTextIsTheSameWhereverADialectPutsIt() throws IOException {
    var openAi =
        firstClient.postChat(
            "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"hello\"}]}");
    var anthropic =
        Bodies.ANTHROPIC.ask(
            secondClient, "m", "hello", ",\"system\":[{\"type\":\"text\",\"text\":\"be brief\"}]");
    var gemini =
        Bodies.GEMINI.ask(
            secondClient,
            "m",
            "hello",
            ",\"systemInstruction\":{\"parts\":[{\"text\":\"be brief\"}]}");

    var text = Bodies.OPENAI.text(json(openAi));
    assertThat(Bodies.ANTHROPIC.text(json(anthropic))).isEqualTo(text);
    assertThat(Bodies.GEMINI.text(json(gemini))).isEqualTo(text);
    assertThat(text)
        .isNotEqualTo(Bodies.OPENAI.text(json(firstClient.postChat(chat("m", "hello")))));
  }

  @Test
  void anAnswerCanBeOrderedToDiffer() throws IOException {
    var text = Bodies.OPENAI.text(json(firstClient.postChat(chat("m", "hello"))));

    var different = firstClient.postChat(chat("m", "hello"), "x-sim-answer", "different");
    var deviating = firstClient.postChat(chat("m+deviating+tokens-20", "hello"));
    var plain = firstClient.postChat(chat("m+tokens-20", "hello"));

    assertThat(Bodies.OPENAI.text(json(different))).isNotEqualTo(text);
    var words = Bodies.OPENAI.text(json(deviating)).split(" ", -1);
    var plainWords = Bodies.OPENAI.text(json(plain)).split(" ", -1);
    assertThat(words).hasSize(20);
    assertThat(java.util.List.of(words).subList(0, 8))
        .isEqualTo(java.util.List.of(plainWords).subList(0, 8));
    assertThat(words).isNotEqualTo(plainWords);
  }

  @Test
  void aModelMayRefuseOrIgnoreABeginning() throws IOException {
    var text = Bodies.OPENAI.text(json(firstClient.postChat(chat("m", "hello"))));
    var begun = text.substring(0, 12).stripTrailing();

    var refused = Bodies.ANTHROPIC.goOn(firstClient, "m+fault-prefill-unsupported", "hello", begun);
    var plain = Bodies.ANTHROPIC.ask(firstClient, "m+fault-prefill-unsupported", "hello");
    var ignored = Bodies.OPENAI.goOn(firstClient, "m+prefill-ignored", "hello", begun);

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused).at("/error/message").asText()).contains("prefill");
    assertThat(plain.statusCode()).isEqualTo(200);
    assertThat(Bodies.OPENAI.text(json(ignored))).isEqualTo(text);
  }

  @Test
  void aBeginningOfSomebodyElsesIsFollowedByTheWholeAnswer() throws IOException {
    var text = Bodies.OPENAI.text(json(firstClient.postChat(chat("m", "hello"))));

    var answer = Bodies.OPENAI.goOn(firstClient, "m", "hello", "Zyx");

    assertThat(Bodies.OPENAI.text(json(answer))).isEqualTo(text);
  }

  @Test
  void aBrokenConnectionLeavesWhatWasSentToTheClient() {
    assertThatThrownBy(
            () -> firstClient.postChat(chat("m+fault-cut-after-4", "hello", ",\"stream\":true")))
        .isInstanceOf(IOException.class);

    var call = first.log().calls(0, 1).getFirst();
    assertThat(call.producedTokens()).isEqualTo(4);
    assertThat(call.outputTokens()).isZero();
    assertThat(call.status()).isEqualTo(200);
  }
}
