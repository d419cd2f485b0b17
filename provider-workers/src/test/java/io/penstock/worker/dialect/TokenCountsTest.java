package io.penstock.worker.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
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
}
