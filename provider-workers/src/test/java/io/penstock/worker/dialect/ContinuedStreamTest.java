package io.penstock.worker.dialect;

import static io.penstock.worker.dialect.Exchanged.USAGE;
import static io.penstock.worker.dialect.Exchanged.continuing;
import static io.penstock.worker.dialect.Exchanged.delta;
import static io.penstock.worker.dialect.Exchanged.events;
import static io.penstock.worker.dialect.Exchanged.finish;
import static io.penstock.worker.dialect.Exchanged.run;
import static io.penstock.worker.dialect.Exchanged.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.openai.OpenAiProvider;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContinuedStreamTest {

  private static final String BODY =
      "{\"model\":\"a\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"count\"}]}";
  private static final String SEEN = "one, zwölf, ";
  private static final String ROLE = delta("{\"role\":\"assistant\",\"content\":\"\"}");

  private final OpenAiProvider provider = new OpenAiProvider();

  @Test
  void thePrefilledBeginningIsTheLastMessage() throws IOException {
    var messages = request(BODY, ContinueBy.PREFILL, "localhost").path("messages");

    assertThat(messages).hasSize(2);
    assertThat(messages.at("/1/role").asText()).isEqualTo("assistant");
    assertThat(messages.at("/1/content").asText()).isEqualTo(SEEN);
    assertThat(messages.at("/1").has("prefix")).isFalse();
  }

  @Test
  void mistralWantsTheBeginningMarked() throws IOException {
    var messages = request(BODY, ContinueBy.PREFILL, "api.mistral.ai").path("messages");

    assertThat(messages.at("/1/prefix").asBoolean()).isTrue();
  }

  @Test
  void aBeginningOfTheCallersOwnIsGoneOnWith() throws IOException {
    var body = BODY.replace("}]}", "},{\"role\":\"assistant\",\"content\":\"zero, \"}]}");

    var messages = request(body, ContinueBy.PREFILL, "localhost").path("messages");

    assertThat(messages).hasSize(2);
    assertThat(messages.at("/1/content").asText()).isEqualTo("zero, " + SEEN);
  }

  @Test
  void aFreshRunIsAskedAsTheFirstWas() throws IOException {
    assertThat(request(BODY, ContinueBy.SPLICE, "localhost").path("messages")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(ContinueBy.class)
  void theCallerSeesOnlyWhatIsNewAndNoSecondBeginning(ContinueBy by) throws IOException {
    var stream =
        by == ContinueBy.PREFILL
            ? events(List.of(ROLE, text("thr"), text("ee"), finish("stop"), USAGE, "[DONE]"))
            : events(
                List.of(
                    ROLE,
                    text("one, zw"),
                    text("ölf, thr"),
                    text("ee"),
                    finish("stop"),
                    USAGE,
                    "[DONE]"));

    for (var seed = 0; seed < 50; seed++) {
      var run = run(exchange(by), Exchanged.bytes(stream), new Random(seed));

      var chunks = chunks(run.sent());
      assertThat(texts(chunks)).isEqualTo("three");
      assertThat(run.sent()).doesNotContain("\"role\"").endsWith("data: [DONE]\n\n");
      assertThat(chunks)
          .allSatisfy(
              chunk -> {
                assertThat(chunk.path("id").asText()).isEqualTo("answer-1");
                assertThat(chunk.path("model").asText()).isEqualTo("model-1");
                assertThat(chunk.path("created").asLong())
                    .isEqualTo(Exchanged.NOW.getEpochSecond() - 7);
              });
      assertThat(run.usable().finishReason()).isEqualTo("stop");
      assertThat(run.text()).isEqualTo(SEEN + "three");
      assertThat(run.delivered().getAnswerId()).isEqualTo("answer-1");
      assertThat(run.delivered().getAnswerModel()).isEqualTo("model-1");
      assertThat(run.delivered().getAnswerAt()).isEqualTo(Exchanged.NOW.minusSeconds(7));
      assertThat(run.delivered().getEvents()).isGreaterThan(5);
      assertThat(run.delivered().getContinuable()).isTrue();
    }
  }

  @Test
  void aProviderThatRepeatsTheBeginningIsNotSeenTwice() throws IOException {
    var run =
        run(
            exchange(ContinueBy.PREFILL),
            events(List.of(text("one, zw"), text("ölf, three"), finish("stop"), "[DONE]")));

    assertThat(texts(chunks(run.sent()))).isEqualTo("three");
  }

  @Test
  void aContinuationThatOnlyBeginsLikeTheBeginningIsKept() throws IOException {
    var run =
        run(
            exchange(ContinueBy.PREFILL),
            events(List.of(text("one, zw"), text("anzig"), finish("stop"), "[DONE]")));

    assertThat(texts(chunks(run.sent()))).isEqualTo("one, zwanzig");
  }

  @Test
  void aShortBeginningMayComeAgain() throws IOException {
    var exchange =
        Exchanged.of(continuing(Surface.OPENAI_CHAT, ContinueBy.PREFILL, "ha"), BODY, provider);

    var run = run(exchange, events(List.of(text("haha"), finish("stop"), "[DONE]")));

    assertThat(texts(chunks(run.sent()))).isEqualTo("haha");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"content\":\"one, two\"}",
        "{\"content\":\"One\"}",
        "{\"refusal\":\"no\"}",
        "{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\"}}]}"
      })
  void aFreshRunThatDeviatesIsNotTheSameAnswer(String delta) {
    var run = run(exchange(ContinueBy.SPLICE), events(List.of(ROLE, delta(delta), text("x"))));

    assertThat(run.sent()).isEmpty();
    assertThat(run.failed().failure().getKind()).isEqualTo(FailureKind.UNUSABLE);
    assertThat(run.failed().failure().getProviderCode()).isEqualTo("splice_mismatch");
    assertThat(run.text()).isEqualTo(SEEN);
    assertThat(run.delivered().getEvents()).isEqualTo(5);
  }

  @Test
  void aFreshRunThatIsShorterIsNotTheSameAnswer() {
    var run =
        run(exchange(ContinueBy.SPLICE), events(List.of(text("one"), finish("stop"), "[DONE]")));

    assertThat(run.failed().failure().getProviderCode()).isEqualTo("splice_mismatch");
  }

  @Test
  void aRunThatBreaksOffAgainCanBeGoneOnWithAgain() {
    var run = run(exchange(ContinueBy.SPLICE), events(List.of(text("one, zwölf, th"))));

    assertThat(run.failed().failure().getKind()).isEqualTo(FailureKind.CUT);
    assertThat(run.text()).isEqualTo(SEEN + "th");
    assertThat(run.delivered().getContinuable()).isTrue();
  }

  @Test
  void anAnswerThatWasCompleteNeedsOnlyItsEnd() throws IOException {
    var run =
        run(
            exchange(ContinueBy.SPLICE),
            events(List.of(text(SEEN), finish("stop"), USAGE, "[DONE]")));

    assertThat(texts(chunks(run.sent()))).isEmpty();
    assertThat(run.sent()).contains("\"finish_reason\":\"stop\"").endsWith("data: [DONE]\n\n");
  }

  @Test
  void thoughtsOfTheSecondRunAreNotShown() throws IOException {
    var run =
        run(
            exchange(ContinueBy.SPLICE),
            events(
                List.of(
                    delta("{\"reasoning\":\"hm\"}"),
                    text(SEEN + "three"),
                    finish("stop"),
                    "[DONE]")));

    assertThat(texts(chunks(run.sent()))).isEqualTo("three");
    assertThat(run.sent()).doesNotContain("hm");
    assertThat(run.delivered().getContinuable()).isTrue();
  }

  @Test
  void callersOfMessagesAreGoneOnWithToo() {
    var exchange =
        Exchanged.of(
            continuing(Surface.ANTHROPIC_MESSAGES, ContinueBy.SPLICE, SEEN),
            "{\"model\":\"a\",\"stream\":true,\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
            provider);

    var run = run(exchange, events(List.of(text(SEEN + "three"), finish("stop"), "[DONE]")));

    assertThat(run.sent())
        .doesNotContain("message_start")
        .doesNotContain("content_block_start")
        .contains("\"text\":\"three\"")
        .contains("event: message_stop");
  }

  private Exchange exchange(ContinueBy by) {
    return Exchanged.of(continuing(Surface.OPENAI_CHAT, by, SEEN), BODY, provider);
  }

  private JsonNode request(String body, ContinueBy by, String host) throws IOException {
    var exchange =
        Exchanges.of(
            continuing(Surface.OPENAI_CHAT, by, SEEN),
            Exchanged.bytes(body),
            provider,
            new ProviderDialect.Endpoint(host, null));
    return Json.MAPPER.readTree(exchange.outgoing().body());
  }

  private static List<JsonNode> chunks(String stream) throws IOException {
    var chunks = new java.util.ArrayList<JsonNode>();
    for (var line : stream.lines().toList()) {
      if (line.startsWith("data: {")) {
        chunks.add(Json.MAPPER.readTree(line.substring("data: ".length())));
      }
    }
    return chunks;
  }

  private static String texts(List<JsonNode> chunks) {
    var text = new StringBuilder();
    for (var chunk : chunks) {
      text.append(chunk.at("/choices/0/delta/content").asText(""));
    }
    return text.toString();
  }
}
