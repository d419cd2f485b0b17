package io.penstock.worker.dialect;

import static io.penstock.worker.dialect.Exchanged.USAGE;
import static io.penstock.worker.dialect.Exchanged.delta;
import static io.penstock.worker.dialect.Exchanged.events;
import static io.penstock.worker.dialect.Exchanged.finish;
import static io.penstock.worker.dialect.Exchanged.run;
import static io.penstock.worker.dialect.Exchanged.streaming;
import static io.penstock.worker.dialect.Exchanged.text;
import static io.penstock.worker.dialect.Exchanged.whole;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.openai.OpenAiProvider;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassedExchangeTest {

  private static final String UNASKED = "{\"model\":\"a\",\"stream\":true,\"messages\":[]}";
  private static final String BODY =
      "{\"stream_options\":{\"include_usage\":true},\"model\":\"a\",\"stream\":true,\"messages\":[]}";
  private static final String ROLE = delta("{\"role\":\"assistant\",\"content\":\"\"}");

  private final OpenAiProvider provider = new OpenAiProvider();

  @Test
  void onlyModelAndUsageQuestionChangeInTheRequest() {
    var outgoing = Exchanged.of(streaming(Surface.OPENAI_CHAT), UNASKED, provider).outgoing();

    assertThat(outgoing.stream()).isTrue();
    assertThat(outgoing.path()).isEqualTo("/chat/completions");
    assertThat(new String(outgoing.body(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"stream_options\":{\"include_usage\":true},\"model\":\"up\",\"stream\":true,\"messages\":[]}");
  }

  @Test
  void aWholeStreamComesOutByteForByte() {
    var stream = events(List.of(ROLE, text("Hé"), text("llo"), finish("stop"), USAGE, "[DONE]"));

    var run = run(exchange(), stream);

    assertThat(run.sent()).isEqualTo(stream);
    assertThat(run.usable().finishReason()).isEqualTo("stop");
    assertThat(run.usable().usage().getOutputText()).isEqualTo(3);
    assertThat(run.usable().answer()).isEmpty();
    assertThat(run.text()).isEqualTo("Héllo");
    assertThat(run.delivered().getContinuable()).isTrue();
    assertThat(run.delivered().getEvents()).isEqualTo(5);
    assertThat(run.delivered().getPieces()).isEqualTo(9);
    assertThat(run.delivered().getAnswerId()).isEqualTo("c1");
    assertThat(run.delivered().getAnswerModel()).isEqualTo("m1");
  }

  @Test
  void whoDidNotAskForUsageGetsNoChunkWithoutChoices() {
    var unasked = Exchanged.of(streaming(Surface.OPENAI_CHAT), UNASKED, provider);

    var run = run(unasked, events(List.of(ROLE, text("x"), finish("stop"), USAGE, "[DONE]")));
    var untold = run(unasked, events(List.of(text("x"), finish("stop"), "[DONE]")));

    assertThat(run.sent()).isEqualTo(events(List.of(ROLE, text("x"), finish("stop"), "[DONE]")));
    assertThat(run.usable().usage().getOutputText()).isEqualTo(3);
    assertThat(run.delivered().getEvents()).isEqualTo(3);
    assertThat(untold.sent()).isEqualTo(events(List.of(text("x"), finish("stop"), "[DONE]")));
  }

  @Test
  void usageBesideChoicesIsPassedOnUnasked() {
    var counted =
        "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"delta\":{\"audio\":{}}}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}";
    var stream = events(List.of(text("x"), counted, finish("stop"), "[DONE]"));

    var run = run(Exchanged.of(streaming(Surface.OPENAI_CHAT), UNASKED, provider), stream);

    assertThat(run.sent()).isEqualTo(stream);
  }

  @Test
  void nothingGoesOutBeforeTheModelHasSaidSomething() {
    var relay = exchange().stream(Exchanged.NOW);

    assertThat(take(relay, ": alive\n\n" + events(List.of(ROLE)))).isEmpty();
    assertThat(relay.begun()).isFalse();
    assertThat(take(relay, events(List.of(text("x"))))).isEqualTo(events(List.of(ROLE, text("x"))));
    assertThat(relay.begun()).isTrue();
  }

  @Test
  void aMissingEndMarkIsAddedWhereTheModelSaidWhyItStopped() {
    var run = run(exchange(), events(List.of(text("x"), finish("stop"), USAGE)));

    assertThat(run.usable().finishReason()).isEqualTo("stop");
    assertThat(run.sent()).endsWith(USAGE + "\n\ndata: [DONE]\n\n");
  }

  @Test
  void aStreamWithoutFinishReasonIsCutAndNeverAShortAnswer() {
    var run = run(exchange(), events(List.of(text("x"))));

    assertThat(run.failed().failure().getKind()).isEqualTo(FailureKind.CUT);
    assertThat(run.usage().getSource()).isEqualTo(UsageSource.ESTIMATED);
    assertThat(run.sent()).doesNotContain("[DONE]");
    assertThat(run.delivered().getContinuable()).isTrue();
  }

  @Test
  void anEndMarkWithoutFinishReasonAndUsageIsACutToo() {
    var run = run(exchange(), events(List.of(text("x"), "[DONE]")));

    assertThat(run.failed().failure().getKind()).isEqualTo(FailureKind.CUT);
  }

  @Test
  void usageIsToldEvenWhereTheProviderDoesNot() {
    var run = run(exchange(), events(List.of(text("12345678"), finish("stop"), "[DONE]")));

    assertThat(run.usable().usage().getSource()).isEqualTo(UsageSource.ESTIMATED);
    assertThat(run.sent())
        .contains("\"choices\":[],\"usage\":{\"prompt_tokens\":25,\"completion_tokens\":2")
        .endsWith("data: [DONE]\n\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n",
        "event: error\ndata: {\"error\":{\"message\":\"no\"}}\n\n",
        "event: error\ndata: {\"message\":\"no\",\"code\":\"x\"}\n\n",
        "data: {\"id\":\"c1\",\"error\":{\"code\":502,\"message\":\"no\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n",
        "data: {\"id\":\"c1\",\"choices\":[],\"x_groq\":{\"error\":\"no\"}}\n\n",
        "data: {\"object\":\"error\",\"message\":\"no\",\"code\":500}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"insufficient_system_resource\"}]}\n\n",
        "data: {\"choi\n\n"
      })
  void anErrorInTheStreamIsAFailureAndNothingOfItGoesOut(String error) {
    var before = events(List.of(text("x")));

    var run = run(exchange(), before + error + "data: [DONE]\n\n");

    assertThat(run.reading()).isInstanceOf(Reading.Failed.class);
    assertThat(run.sent()).isEqualTo(before);
  }

  @Test
  void anErrorBeforeAnyOutputIsInvisible() {
    var run =
        run(exchange(), events(List.of(ROLE, "{\"error\":{\"message\":\"no\",\"code\":503}}")));

    assertThat(run.sent()).isEmpty();
    assertThat(run.failed().failure().getKind()).isEqualTo(FailureKind.OVERLOADED);
    assertThat(run.delivered().getEvents()).isZero();
  }

  @Test
  void aPlainErrorInsteadOfAStreamIsAnError() {
    var run =
        run(exchange(), "{\"error\":{\"message\":\"slow\",\"code\":\"rate_limit_exceeded\"}}");

    assertThat(run.failed().failure().getKind()).isEqualTo(FailureKind.RATE_LIMITED);
  }

  @Test
  void aWholeAnswerInsteadOfAStreamIsStreamed() {
    var run =
        run(
            exchange(),
            "\n{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"hi\"}}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1,\"total_tokens\":8}}");

    assertThat(run.usable().finishReason()).isEqualTo("stop");
    assertThat(run.sent()).contains("\"content\":\"hi\"").endsWith("data: [DONE]\n\n");
  }

  @Test
  void anEmptyStreamIsNoAnswer() {
    var run = run(exchange(), events(List.of(ROLE, finish("stop"), USAGE, "[DONE]")));

    assertThat(run.sent()).isEmpty();
    assertThat(run.failed().failure().getKind()).isEqualTo(FailureKind.UNUSABLE);
    assertThat(run.failed().failure().getProviderCode()).isEqualTo("empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}",
        "{\"reasoning_content\":\"hm\"}",
        "{\"reasoning\":\"hm\"}",
        "{\"refusal\":\"no\"}"
      })
  void moreThanTextCannotBeGoneOnWith(String delta) {
    var run = run(exchange(), events(List.of(text("x"), delta(delta))));

    assertThat(run.delivered().getContinuable()).isFalse();
    assertThat(run.delivered().getText().remaining()).isZero();
  }

  @Test
  void aSecondChoiceCannotBeGoneOnWith() {
    var second = text("y").replace("\"index\":0", "\"index\":1");

    assertThat(run(exchange(), events(List.of(text("x"), second))).delivered().getContinuable())
        .isFalse();
  }

  @Test
  void textOverAMegabyteCannotBeGoneOnWith() {
    var long1 = text("x".repeat(1 << 20));

    var run = run(exchange(), events(List.of(long1, text("y"))));

    assertThat(run.delivered().getContinuable()).isFalse();
  }

  @Test
  void aBufferedStreamIsShownWholeOrNotAtAll() {
    var call = streaming(Surface.OPENAI_CHAT);
    call.setPolicy(CallPolicy.newBuilder().setBuffered(true).setLengthFails(true).build());
    var exchange = Exchanged.of(call, BODY, provider);
    var good = events(List.of(ROLE, text("x"), finish("stop"), USAGE, "[DONE]"));
    var relay = exchange.stream(Exchanged.NOW);

    assertThat(take(relay, good)).isEmpty();
    assertThat(relay.begun()).isTrue();
    assertThat(new String(relay.end(Exchanged.NOW).rest(), StandardCharsets.UTF_8)).isEqualTo(good);
    var run = run(exchange, events(List.of(ROLE, text("x"), finish("length"), USAGE, "[DONE]")));
    assertThat(run.sent()).isEmpty();
    assertThat(run.failed().failure().getProviderCode()).isEqualTo("length");
    assertThat(run.usage().getOutputText()).isEqualTo(3);
  }

  @Test
  void bytesThatWaitForTheEndOfTheirEventAreCounted() {
    var relay = exchange().stream(Exchanged.NOW);

    take(relay, "data: " + "x".repeat(5000));
    assertThat(relay.held()).isEqualTo(5006);

    take(relay, "\n\n");
    take(relay, events(List.of(ROLE, text("x"))));
    assertThat(relay.held()).isZero();
  }

  @Test
  void anAnswerThatIsWantedLaterTooIsPutTogether() throws Exception {
    var call = streaming(Surface.OPENAI_CHAT);
    call.setAnswerTo(AnswerTo.RESULT);
    var exchange = Exchanged.of(call, BODY, provider);

    var run = run(exchange, events(List.of(text("Hel"), text("lo"), finish("stop"), USAGE)));

    var answer = Json.MAPPER.readTree(run.usable().answer());
    assertThat(answer.at("/choices/0/message/content").asText()).isEqualTo("Hello");
    assertThat(answer.at("/usage/total_tokens").asInt()).isEqualTo(10);
  }

  @Test
  void whatTheRouteForbidsIsJudgedInWholeAnswersToo() {
    var call = whole(Surface.OPENAI_CHAT);
    call.setPolicy(CallPolicy.newBuilder().setSchemaFails(true).build());
    var exchange =
        Exchanged.of(
            call,
            "{\"model\":\"a\",\"messages\":[],\"response_format\":{\"type\":\"json_object\"}}",
            provider);
    var answer = "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"%s\"}}]}";

    assertThat(exchange.read(Exchanged.bytes(answer.formatted("{}")), Exchanged.NOW))
        .isInstanceOf(Reading.Usable.class);
    var read = exchange.read(Exchanged.bytes(answer.formatted("no")), Exchanged.NOW);
    assertThat(read).isInstanceOf(Reading.Failed.class);
    assertThat(((Reading.Failed) read).failure().getProviderCode()).isEqualTo("schema");
  }

  private Exchange exchange() {
    return Exchanged.of(streaming(Surface.OPENAI_CHAT), BODY, provider);
  }

  private static String take(StreamExchange relay, String bytes) {
    var buffer = Exchanged.bytes(bytes);
    return new String(relay.take(buffer, 0, buffer.length), StandardCharsets.UTF_8);
  }
}
