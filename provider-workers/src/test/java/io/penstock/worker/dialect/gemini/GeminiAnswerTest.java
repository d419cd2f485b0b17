package io.penstock.worker.dialect.gemini;

import static io.penstock.worker.dialect.gemini.Samples.bytes;
import static io.penstock.worker.dialect.gemini.Samples.call;
import static io.penstock.worker.dialect.gemini.Samples.json;
import static io.penstock.worker.dialect.gemini.Samples.read;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.ProviderDialect.Embeddings.Vectors;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeminiAnswerTest {

  private static final String USAGE =
      "{\"promptTokenCount\":10,\"candidatesTokenCount\":5,\"totalTokenCount\":15}";

  private final GeminiProvider provider = new GeminiProvider();

  private Read answer(String body) {
    return provider.read(call("gemini-3-pro"), bytes(body), Instant.EPOCH);
  }

  private Answer answered(String body) {
    assertThat(answer(body)).isInstanceOf(Read.Answered.class);
    return ((Read.Answered) answer(body)).answer();
  }

  private Read.Failed failed(String body) {
    assertThat(answer(body)).isInstanceOf(Read.Failed.class);
    return (Read.Failed) answer(body);
  }

  private static String candidate(String parts, String finish) {
    return "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":["
        + parts
        + "]},\"finishReason\":\""
        + finish
        + "\"}],\"usageMetadata\":"
        + USAGE
        + "}";
  }

  @Test
  void stopWithAFunctionCallIsToolCallsAndTheMissingIdIsMintedTheSameEveryTime() {
    var body =
        candidate(
            """
            {"text":"hm","thought":true},
            {"functionCall":{"name":"weather","args":{"city":"Bern","at":1.50}},
             "thoughtSignature":"c2ln"},
            {"functionCall":{"id":"own","name":"time"}}""",
            "STOP");

    var choice = answered(body).choices().getFirst();

    assertThat(choice.finish()).isEqualTo(Finish.TOOL_CALLS);
    assertThat(choice.nativeFinish()).isEqualTo("STOP");
    var id = ((Output.Called) choice.outputs().get(1)).id();
    assertThat(id).matches("call_[0-9a-f]{24}");
    assertThat(choice.outputs())
        .containsExactly(
            new Output.Thought("gemini", "hm", null),
            new Output.Called(
                id, "weather", "{\"city\":\"Bern\",\"at\":1.50}", TextNode.valueOf("c2ln")),
            new Output.Called("own", "time", "{}", null));
    assertThat(answered(body).choices().getFirst().outputs()).isEqualTo(choice.outputs());
    assertThat(answered(body).id()).matches("gemini-[0-9a-f]{24}");
  }

  @ParameterizedTest
  @CsvSource({
    "STOP, STOP",
    "MAX_TOKENS, LENGTH",
    "SAFETY, CONTENT_FILTER",
    "RECITATION, CONTENT_FILTER",
    "SPII, CONTENT_FILTER",
    "PROHIBITED_CONTENT, CONTENT_FILTER"
  })
  void finishReasonsHaveCommonWords(String word, Finish finish) {
    assertThat(answered(candidate("{\"text\":\"x\"}", word)).choices().getFirst().finish())
        .isEqualTo(finish);
  }

  @ParameterizedTest
  @CsvSource({
    "MALFORMED_FUNCTION_CALL, UNUSABLE",
    "UNEXPECTED_TOOL_CALL, UNUSABLE",
    "TOO_MANY_TOOL_CALLS, UNUSABLE",
    "OTHER, SERVER_ERROR",
    "NO_IMAGE, SERVER_ERROR",
    "INVENTED_TOMORROW, UNUSABLE"
  })
  void anErrorThatLooksLikeAFinishIsAFailureInAnswersAndStreams(String word, FailureKind kind) {
    var body = candidate("{\"functionCall\":{\"name\":\"a\"}}", word);

    var failed = failed(body);

    assertThat(failed.failure().getKind()).isEqualTo(kind);
    assertThat(failed.failure().getProviderCode()).isEqualTo(word);
    assertThat(failed.usage()).isNotNull();
    assertThat(failed.usage().getOutputText()).isEqualTo(5);
    assertThat(read(body).getLast()).isEqualTo(new StreamEvent.Broken(failed.failure()));
  }

  @Test
  void aBlockedPromptIsA200WithoutCandidatesAndAFailureOfContentPolicy() {
    var body =
        """
        {"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},
         "usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}""";

    var failed = failed(body);

    assertThat(failed.failure().getKind()).isEqualTo(FailureKind.CONTENT_POLICY);
    assertThat(failed.failure().getProviderCode()).isEqualTo("PROHIBITED_CONTENT");
    assertThat(failed.usage()).isNotNull();
    assertThat(failed.usage().getInputUncached()).isEqualTo(7);
    assertThat(failed.usage().getOutputText()).isNull();
    assertThat(read(body)).hasSize(3).last().isEqualTo(new StreamEvent.Broken(failed.failure()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}",
        "[{\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}]"
      })
  void anErrorAfterStatus200IsAFailureAlsoAsAnArrayOfOne(String body) {
    assertThat(failed(body).failure().getKind()).isEqualTo(FailureKind.OVERLOADED);
    assertThat(read(candidateInProgress(), body).getLast())
        .isInstanceOfSatisfying(
            StreamEvent.Broken.class,
            broken -> assertThat(broken.failure().getKind()).isEqualTo(FailureKind.OVERLOADED));
  }

  private static String candidateInProgress() {
    return "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}],\"usageMetadata\":"
        + USAGE
        + "}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>", "{}", "{\"candidates\":[]}"})
  void whatIsNoAnswerIsUnusable(String body) {
    assertThat(failed(body).failure().getKind()).isEqualTo(FailureKind.UNUSABLE);
  }

  @Test
  void anAnswerThatDoesNotSayWhyItStoppedIsUnusable() {
    assertThat(failed(candidateInProgress()).failure().getMessage())
        .isEqualTo("the answer does not say why the model stopped");
  }

  @Test
  void aStreamWithoutAFinishReasonNeverEnds() {
    assertThat(read(candidateInProgress()))
        .noneMatch(event -> event instanceof StreamEvent.Ended)
        .noneMatch(event -> event instanceof StreamEvent.Finished);
  }

  @Test
  void aCallAndItsStopInDifferentPiecesAreToolCallsStill() {
    var events =
        read(
            "{\"responseId\":\"i\",\"modelVersion\":\"m\",\"candidates\":[{\"content\":{\"parts\":["
                + "{\"functionCall\":{\"name\":\"a\",\"args\":{\"b\":1}},\"thoughtSignature\":\"s\"}]}}]}",
            candidate("{\"text\":\"\"}", "STOP"));

    assertThat(events.subList(0, 3))
        .containsExactly(
            new StreamEvent.Started("i", "m"),
            new StreamEvent.ToolStarted(
                0, 0, Ids.tool(call("gemini-3-pro"), 0, 0), "a", TextNode.valueOf("s")),
            new StreamEvent.ToolArguments(0, 0, "{\"b\":1}"));
    assertThat(events.subList(4, 6))
        .containsExactly(
            new StreamEvent.Finished(0, Finish.TOOL_CALLS, "STOP", null), new StreamEvent.Ended());
    assertThat(events).hasSize(6);
  }

  @Test
  void severalChoicesEndTogether() {
    var call = call("gemini-2.0-flash");
    call.setFacts(RequestFacts.newBuilder().setInputTokensBound(1L).setChoices(2).build());

    var events =
        Samples.read(
            call,
            List.of(
                """
                {"candidates":[{"index":0,"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}""",
                """
                {"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}"""));

    assertThat(events)
        .containsSubsequence(
            new StreamEvent.Finished(0, Finish.STOP, "STOP", null),
            new StreamEvent.Text(1, "b"),
            new StreamEvent.Finished(1, Finish.STOP, "STOP", null),
            new StreamEvent.Ended());
  }

  @Test
  void theLastUsageOfAStreamCountsAndOneWithoutCountsDoesNot() {
    var events =
        read(
            "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}],\"usageMetadata\":"
                + "{\"trafficType\":\"ON_DEMAND\"}}",
            candidateInProgress(),
            candidate("{\"text\":\"y\"}", "STOP"));

    assertThat(events.stream().filter(StreamEvent.Used.class::isInstance)).hasSize(2);
  }

  @Test
  void aSignatureOnATextFollowsTheText() {
    var outputs =
        answered(candidate("{\"text\":\"x\",\"thoughtSignature\":\"s\"}", "STOP"))
            .choices()
            .getFirst()
            .outputs();

    assertThat(outputs)
        .containsExactly(
            new Output.Said("x"),
            new Output.Thought("gemini", null, json("{\"thoughtSignature\":\"s\"}")));
    assertThat(read(candidate("{\"text\":\"\",\"thoughtSignature\":\"s\"}", "STOP")))
        .contains(
            new StreamEvent.ThoughtState(
                0, "gemini", json("{\"thoughtSignature\":\"s\",\"text\":\"\"}")));
  }

  @Test
  void cachedTokensAreWithinThePromptAndThoughtsBesideTheAnswer() {
    var usage =
        usage(
            """
            {"promptTokenCount":262960,"cachedContentTokenCount":257955,
             "toolUsePromptTokenCount":40,"candidatesTokenCount":100,"thoughtsTokenCount":300,
             "totalTokenCount":263400}""");

    assertThat(usage.getInputUncached()).isEqualTo(262960 - 257955 + 40);
    assertThat(usage.getInputCacheRead()).isEqualTo(257955);
    assertThat(usage.getOutputText()).isEqualTo(100);
    assertThat(usage.getOutputReasoning()).isEqualTo(300);
  }

  @Test
  void theTotalDecidesWhetherThoughtsAreWithinTheAnswersCount() {
    var within =
        usage(
            """
            {"promptTokenCount":10,"candidatesTokenCount":100,"thoughtsTokenCount":30,
             "totalTokenCount":110}""");
    var lost =
        usage("{\"promptTokenCount\":10,\"candidatesTokenCount\":12,\"totalTokenCount\":60}");
    var withoutTotal =
        usage("{\"promptTokenCount\":10,\"candidatesTokenCount\":12,\"thoughtsTokenCount\":5}");

    assertThat(within.getOutputText()).isEqualTo(70);
    assertThat(within.getOutputReasoning()).isEqualTo(30);
    assertThat(lost.getOutputText()).isEqualTo(12);
    assertThat(lost.getOutputReasoning()).isEqualTo(38);
    assertThat(withoutTotal.getOutputText()).isEqualTo(12);
    assertThat(withoutTotal.getOutputReasoning()).isEqualTo(5);
  }

  @Test
  void soundAndPicturesAreClassesOfTheirOwnWithoutWhatWasCached() {
    var usage =
        usage(
            """
            {"promptTokenCount":100,"cachedContentTokenCount":30,"candidatesTokenCount":50,
             "totalTokenCount":150,
             "promptTokensDetails":[{"modality":"TEXT","tokenCount":40},
               {"modality":"AUDIO","tokenCount":50},{"modality":"IMAGE","tokenCount":10}],
             "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":30}],
             "candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":20}]}""");

    assertThat(usage.getInputUncached()).isEqualTo(40);
    assertThat(usage.getInputCacheRead()).isEqualTo(30);
    assertThat(usage.getInputAudio()).isEqualTo(20);
    assertThat(usage.getInputImage()).isEqualTo(10);
    assertThat(usage.getOutputText()).isEqualTo(30);
    assertThat(usage.getOutputImage()).isEqualTo(20);
  }

  private TokenUsage usage(String json) {
    var body = "{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\": " + json + " }";
    var usage = answered(body).usage();
    assertThat(usage.getSource()).isEqualTo(UsageSource.PROVIDER);
    assertThat(StandardCharsets.UTF_8.decode(usage.getRaw().duplicate()).toString())
        .isEqualTo(json.strip());
    return usage;
  }

  @Test
  void anAnswerWithoutUsageIsEstimated() {
    var usage =
        answered(
                "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"eight888\"}]},\"finishReason\":\"STOP\"}]}")
            .usage();

    assertThat(usage.getSource()).isEqualTo(UsageSource.ESTIMATED);
    assertThat(usage.getInputUncached()).isEqualTo(25);
    assertThat(usage.getOutputText()).isEqualTo(2);
  }

  @Test
  void embeddingsAreAskedForTextByTextAndAnsweredInOpenAisShape() {
    var asked = "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"dimensions\":2}";
    var embeddings = provider.embeddings();

    var request = json(embeddings.request(call("embed"), bytes(asked), parameter -> {}));
    var vectors =
        embeddings.read(
            call("embed"),
            bytes(asked),
            bytes("{\"embeddings\":[{\"values\":[0.5,-1]},{\"values\":[0.125,2]}]}"));

    assertThat(request)
        .isEqualTo(
            json(
                """
                {"requests":[
                 {"model":"models/embed","content":{"parts":[{"text":"a"}]},"outputDimensionality":2},
                 {"model":"models/embed","content":{"parts":[{"text":"b"}]},"outputDimensionality":2}]}"""));
    assertThat(json(((Vectors.Made) vectors).answer()))
        .isEqualTo(
            json(
                """
                {"object":"list","data":[
                  {"object":"embedding","index":0,"embedding":[0.5,-1]},
                  {"object":"embedding","index":1,"embedding":[0.125,2]}],
                 "model":"embed","usage":{"prompt_tokens":25,"total_tokens":25}}"""));
  }

  @Test
  void embeddingsAreBase64WhereTheCallerAsksForIt() {
    var asked = bytes("{\"input\":\"a\",\"encoding_format\":\"base64\"}");

    var vectors =
        provider
            .embeddings()
            .read(call("embed"), asked, bytes("{\"embeddings\":[{\"values\":[0.5,-1]}]}"));

    var text =
        json(((Vectors.Made) vectors).answer()).path("data").path(0).path("embedding").asText();
    var floats = ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(List.of(floats.getFloat(), floats.getFloat())).containsExactly(0.5f, -1f);
  }

  @Test
  void fewerVectorsThanTextsAreUnusable() {
    var vectors =
        provider
            .embeddings()
            .read(
                call("embed"),
                bytes("{\"input\":[\"a\",\"b\"]}"),
                bytes("{\"embeddings\":[{\"values\":[0.5]}]}"));

    assertThat(vectors).isInstanceOf(Vectors.Failed.class);
  }

  @Test
  void aParameterThatEmbeddingsDoNotKnowIsReported() {
    var unsupported = new ArrayList<String>();

    provider
        .embeddings()
        .request(call("embed"), bytes("{\"input\":\"a\",\"truncate\":\"END\"}"), unsupported::add);

    assertThat(unsupported).containsExactly("truncate");
  }
}
