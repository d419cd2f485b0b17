package io.penstock.worker.dialect.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AnswerJudgeTest {

  private static final CallPolicy LENIENT = CallPolicy.newBuilder().build();
  private static final CallPolicy STRICT =
      CallPolicy.newBuilder()
          .setLengthFails(true)
          .setRefusalFails(true)
          .setSchemaFails(true)
          .build();
  private static final OutputFormat TEXT = new OutputFormat.Text();
  private static final OutputFormat OBJECT = new OutputFormat.JsonObject();
  private static final OutputFormat CITY =
      schema(
          """
          {"type":"object","properties":{"city":{"type":"string"}},"required":["city"],
           "additionalProperties":false}""");

  static Stream<Arguments> cases() {
    return Stream.of(
        arguments("a text", TEXT, answer(Finish.STOP, said("hi")), null, null),
        arguments("nothing at all", TEXT, answer(Finish.STOP), "empty", "empty"),
        arguments("white space only", TEXT, answer(Finish.STOP, said(" \n")), "empty", "empty"),
        arguments(
            "thought without words",
            TEXT,
            answer(Finish.STOP, new Output.Thought("gemini", "hm", null)),
            "empty",
            "empty"),
        arguments("a tool call", TEXT, answer(Finish.TOOL_CALLS, called()), null, null),
        arguments("a promised tool call", TEXT, answer(Finish.TOOL_CALLS), "empty", "empty"),
        arguments("cut while thinking", TEXT, answer(Finish.LENGTH), null, "length"),
        arguments("cut while speaking", TEXT, answer(Finish.LENGTH, said("a")), null, "length"),
        arguments("filtered", TEXT, answer(Finish.CONTENT_FILTER), null, "refusal"),
        arguments(
            "refused in words",
            CITY,
            answer(Finish.STOP, new Output.Refused("no")),
            null,
            "refusal"),
        arguments("an object", OBJECT, answer(Finish.STOP, said("{\"a\":1}")), null, null),
        arguments("an array", OBJECT, answer(Finish.STOP, said("[1]")), null, "schema"),
        arguments("a fence", OBJECT, answer(Finish.STOP, said("```json\n{}```")), null, "schema"),
        arguments("two values", OBJECT, answer(Finish.STOP, said("{}{}")), null, "schema"),
        arguments(
            "what was promised, in two pieces",
            CITY,
            answer(Finish.STOP, said("{\"city\":"), said("\"Bern\"}")),
            null,
            null),
        arguments("another type", CITY, answer(Finish.STOP, said("{\"city\":1}")), null, "schema"),
        arguments(
            "one more",
            CITY,
            answer(Finish.STOP, said("{\"city\":\"a\",\"b\":1}")),
            null,
            "schema"),
        arguments("a call instead", CITY, answer(Finish.TOOL_CALLS, called()), null, null));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void anAnswerIsJudgedByWhatTheRouteForbids(
      String name,
      OutputFormat format,
      Answer answer,
      @Nullable String codeLenient,
      @Nullable String codeStrict) {
    assertThat(code(LENIENT, format, answer)).isEqualTo(codeLenient);
    assertThat(code(STRICT, format, answer)).isEqualTo(codeStrict);
  }

  @Test
  void anAnswerCutInTheMiddleOfItsJsonBreaksThePromiseEvenWhereLengthIsAllowed() {
    var policy = CallPolicy.newBuilder().setSchemaFails(true).build();

    assertThat(code(policy, CITY, answer(Finish.LENGTH, said("{\"city\":\"B"))))
        .isEqualTo("schema");
  }

  @Test
  void anAnswerThatMetAStopTextAtOnceIsNotEmpty() {
    var choice = new Answer.Choice(List.of(), Finish.STOP, "stop_sequence", "###", null);

    assertThat(code(STRICT, TEXT, answer(choice))).isNull();
  }

  @Test
  void oneChoiceThatSaysSomethingMakesUpForAnEmptyOne() {
    var empty = new Answer.Choice(List.of(), Finish.STOP, null, null, null);
    var full = new Answer.Choice(List.of(said("hi")), Finish.STOP, null, null, null);

    assertThat(code(STRICT, TEXT, answer(empty, full))).isNull();
  }

  @Test
  void theReasonNeverRepeatsWhatTheModelSaid() {
    var failure =
        AnswerJudge.judge(STRICT, CITY, answer(Finish.STOP, said("{\"secret-name\":\"secret\"}")));

    assertThat(failure).isNotNull();
    assertThat(failure.getKind()).isEqualTo(FailureKind.UNUSABLE);
    assertThat(failure.getMessage())
        .isEqualTo("the answer breaks the promised JSON schema at required");
    assertThat(failure.toString()).doesNotContain("secret");
  }

  private static @Nullable String code(CallPolicy policy, OutputFormat format, Answer answer) {
    var failure = AnswerJudge.judge(policy, format, answer);
    return failure == null ? null : failure.getProviderCode();
  }

  private static Output said(String text) {
    return new Output.Said(text);
  }

  private static Output called() {
    return new Output.Called("call_1", "weather", "{}", null);
  }

  private static Answer answer(Finish finish, Output... outputs) {
    return answer(new Answer.Choice(List.of(outputs), finish, null, null, null));
  }

  private static Answer answer(Answer.Choice... choices) {
    return new Answer(
        "id",
        "model",
        Instant.EPOCH,
        List.of(choices),
        TokenUsage.newBuilder().setSource(UsageSource.PROVIDER).build(),
        null);
  }

  private static OutputFormat schema(String json) {
    try {
      return new OutputFormat.JsonSchema("city", Json.MAPPER.readTree(json), true);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
