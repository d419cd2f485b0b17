package io.penstock.worker.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.Read;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCountsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt_tokens\":5,\"completion_tokens\":0}|false",
        "{\"prompt_tokens\":5,\"completion_tokens\":-1}|true",
        "{\"prompt_tokens\":9223372036854775808}|true",
        "{\"promptTokenCount\":1000000001}|true",
        "{\"prompt_tokens_details\":{\"cached_tokens\":-3}}|true",
        "{\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":-3}]}|true",
        "{\"prompt_tokens\":5,\"cost_in_ticks\":99000000000,\"cost\":-0.5}|false",
        "{\"prompt_tokens\":null}|false",
        "{}|false"
      })
  void led07NegativeAndEndlessCountsCannotBe(String usage, boolean impossible)
      throws JsonProcessingException {
    assertThat(TokenCounts.impossible(JSON.readTree(usage))).isEqualTo(impossible);
  }

  /** Every dialect has to ask for itself. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "openai|{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":\"text\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":-2}}",
        "responses|{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"text\"}]}],\"usage\":{\"input_tokens\":1,\"output_tokens\":-2}}",
        "anthropic|{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"text\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":1,\"output_tokens\":-2}}",
        "gemini|{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"text\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":1,\"candidatesTokenCount\":-2}}"
      })
  void noDialectBelievesThem(String name, String answer) {
    var read =
        dialect(name)
            .read(Exchanged.call(Surface.OPENAI_CHAT, "m"), Exchanged.bytes(answer), Exchanged.NOW);

    assertThat(read)
        .isInstanceOfSatisfying(
            Read.Answered.class,
            answered ->
                assertThat(answered.answer().usage().getSource()).isEqualTo(UsageSource.ESTIMATED));
  }

  private static ProviderDialect dialect(String name) {
    var dialect =
        name.equals("responses")
            ? Objects.requireNonNull(ProviderDialects.named("openai"))
                .speaking(Surface.OPENAI_RESPONSES, new Endpoint("api.openai.com", null))
            : ProviderDialects.named(name);
    return Objects.requireNonNull(dialect);
  }
}
