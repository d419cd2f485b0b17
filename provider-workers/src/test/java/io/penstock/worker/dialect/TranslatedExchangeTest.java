package io.penstock.worker.dialect;

import static io.penstock.worker.dialect.Exchanged.NOW;
import static io.penstock.worker.dialect.Exchanged.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.UnsupportedParameters;
import io.penstock.worker.dialect.anthropic.AnthropicProvider;
import io.penstock.worker.dialect.openai.OpenAiProvider;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TranslatedExchangeTest {

  private static final String BODY =
      "{\"model\":\"a\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}";

  private final AnthropicProvider anthropic = new AnthropicProvider();

  @Test
  void aChatRequestIsToldToAnthropicAndItsAnswerBack() throws Exception {
    var exchange = exchange(UnsupportedParameters.REJECT, "");

    assertThat(exchange.outgoing().path()).isEqualTo("/messages");
    assertThat(exchange.outgoing().headers()).containsKey("anthropic-version");
    var reading =
        exchange.read(
            Exchanged.bytes(
                "{\"id\":\"msg_1\",\"model\":\"c\",\"content\":[{\"type\":\"text\",\"text\":\"ho\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}"),
            NOW);

    var usable = (Reading.Usable) reading;
    assertThat(usable.finishReason()).isEqualTo("stop");
    var answer = Json.MAPPER.readTree(usable.answer());
    assertThat(answer.at("/choices/0/message/content").asText()).isEqualTo("ho");
    assertThat(answer.at("/usage/total_tokens").asInt()).isEqualTo(4);
  }

  @Test
  void aParameterWithoutCounterpartIsRefusedByName() {
    assertThatThrownBy(() -> exchange(UnsupportedParameters.REJECT, ",\"seed\":1"))
        .isInstanceOfSatisfying(
            UnsupportedCallException.class,
            exception -> assertThat(exception.parameter()).isEqualTo("seed"));
  }

  @Test
  void withoutPolicyItIsRefusedToo() {
    assertThatThrownBy(
            () ->
                Exchanged.of(whole(Surface.OPENAI_CHAT), BODY.formatted(",\"seed\":1"), anthropic))
        .isInstanceOf(UnsupportedCallException.class);
  }

  @Test
  void itIsLeftOutWhereTheRouteSaysSo() {
    assertThat(exchange(UnsupportedParameters.DROP, ",\"seed\":1").outgoing().warnings()).isEmpty();
    assertThat(exchange(UnsupportedParameters.WARN, ",\"seed\":1").outgoing().warnings())
        .containsExactly("seed");
  }

  @ParameterizedTest
  @EnumSource(UnsupportedParameters.class)
  void whatShapesTheAnswerIsNeverLeftOut(UnsupportedParameters policy) {
    assertThatThrownBy(
            () ->
                exchange(policy, ",\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"f\"}}]"))
        .isInstanceOf(UnsupportedCallException.class);
    assertThatThrownBy(
            () ->
                exchange(
                    policy,
                    ",\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[]}}"))
        .isInstanceOf(UnsupportedCallException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tools",
        "tools[0].type",
        "tool_choice",
        "response_format",
        "response_format.json_schema",
        "stop",
        "stop_sequences",
        "text.format"
      })
  void namesOfWhatShapesTheAnswerAreKnown(String parameter) {
    var policy =
        new UnsupportedPolicy(
            CallPolicy.newBuilder().setUnsupported(UnsupportedParameters.DROP).build(), "x");

    assertThatThrownBy(() -> policy.parameter(parameter))
        .hasMessage(
            "The parameter '"
                + parameter
                + "' cannot be expressed for a provider of the dialect 'x'.");
    policy.parameter("stop_looking");
  }

  @Test
  void parametersThatAskForNothingAreNoObstacle() {
    var exchange =
        exchange(
            UnsupportedParameters.REJECT,
            ",\"n\":1,\"logprobs\":false,\"presence_penalty\":0,\"frequency_penalty\":0.0,\"logit_bias\":{},\"seed\":null,\"store\":false,\"metadata\":{\"team\":\"a\"},\"modalities\":[\"text\"],\"stream_options\":{\"include_usage\":true}");

    assertThat(exchange.outgoing().warnings()).isEmpty();
  }

  @Test
  void everyDialectIsFoundByItsName() {
    for (var name : new String[] {"openai", "anthropic", "gemini"}) {
      assertThat(Objects.requireNonNull(ProviderDialects.named(name)).name()).isEqualTo(name);
    }
    assertThat(ProviderDialects.named("nobody")).isNull();
  }

  @Test
  void embeddingsAreRefusedWhereNobodyMakesThem() {
    assertThatThrownBy(() -> Exchanged.of(whole(Surface.OPENAI_EMBEDDINGS), "{}", anthropic))
        .isInstanceOf(UnsupportedCallException.class);
  }

  @Test
  void aContinuationIsNeverPassedThrough() throws Exception {
    var call = Exchanged.continuing(Surface.OPENAI_CHAT, ContinueBy.PREFILL, "so far");
    var exchange =
        Exchanged.of(
            call,
            "{\"model\":\"a\",\"stream\":true,\"logit_bias\":{\"5\":1},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
            new OpenAiProvider());

    var request = Json.MAPPER.readTree(exchange.outgoing().body());

    assertThat(request.at("/logit_bias/5").asInt()).isEqualTo(1);
    assertThat(request.at("/stream_options/include_usage").asBoolean()).isTrue();
    assertThat(request.at("/messages/1/content").asText()).isEqualTo("so far");
  }

  private Exchange exchange(UnsupportedParameters policy, String more) {
    var call = whole(Surface.OPENAI_CHAT);
    call.setPolicy(CallPolicy.newBuilder().setUnsupported(policy).build());
    return Exchanged.of(call, BODY.formatted(more), anthropic);
  }
}
