package io.penstock.platform.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lane == 'interactive' && input_tokens < 1000",
        "output_tokens_max > 4000 || tools || images || audio || json_schema || stream",
        "has(metadata.tier) && metadata.tier in ['gold', 'silver']",
        "tags.exists(tag, tag.startsWith('eu-')) && end_user != ''",
        "organization == 'org_acme' && model.matches('^gpt-.*')",
        "true"
      })
  void aGoodConditionHasNoProblem(String condition) {
    assertThat(Conditions.problem(condition)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "lane ==",
        "lane == 3",
        "input_tokens + 1",
        "prompt.contains('secret')",
        "metadata.tier"
      })
  void aBadOneSaysWhatItIsInOneLine(String condition) {
    assertThat(Conditions.problem(condition)).isNotBlank().doesNotContain("\n");
  }

  @Test
  void aConditionOfEndlessLengthIsRefused() {
    assertThat(Conditions.problem("true || ".repeat(2_000) + "true")).isNotBlank();
  }
}
