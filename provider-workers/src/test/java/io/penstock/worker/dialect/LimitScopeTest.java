package io.penstock.worker.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose limit a refusal is about. */
class LimitScopeTest {

  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // these name the organisation and mean one of its models
        "{\"error\":{\"message\":\"Rate limit reached for gpt-x in organization org-1 on requests per min (RPM): Limit 3, Used 3, Requested 1.\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}|MODEL",
        "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"This request would exceed your organization's rate limit of 50,000 input tokens per minute\"}}|MODEL",
        "{\"error\":{\"message\":\"Requests to the ChatCompletions_Create Operation have exceeded call rate limit of your current OpenAI S0 pricing tier.\",\"code\":\"429\"}}|MODEL",
        "{\"object\":\"error\",\"message\":\"Requests rate limit exceeded\",\"type\":\"rate_limited\",\"param\":null,\"code\":\"1300\"}|MODEL",
        "<html>too many</html>|MODEL",
        "``|MODEL",
        // Google's quotas say what they are per
        "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"violations\":[{\"quotaId\":\"GenerateRequestsPerMinutePerProjectPerModel-FreeTier\"}]}]}}|MODEL",
        "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"violations\":[{\"quotaId\":\"Minute\",\"quotaDimensions\":{\"model\":\"gemini-x\"}}]}]}}|MODEL",
        "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"violations\":[{\"quotaId\":\"GenerateRequestsPerMinutePerProject\"}]}]}}|CREDENTIAL",
        "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"violations\":[{\"quotaId\":\"RequestsPerMinutePerProjectPerModel\"},{\"quotaId\":\"RequestsPerMinutePerProject\"}]}]}}|CREDENTIAL",
        "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"message\":\"Resource has been exhausted (e.g. check quota).\"}}|MODEL",
        // in words
        "{\"error\":{\"message\":\"Rate limit exceeded for api_key: abc. Limit type: requests.\",\"code\":\"429\"}}|CREDENTIAL",
        "{\"message\":\"You are using a Trial key, which is limited to 40 API calls / minute.\"}|CREDENTIAL",
        "{\"error\":{\"message\":\"Limit of 100 requests a minute across all models reached\"}}|CREDENTIAL",
      })
  void aRefusalIsItsModelsUnlessItSaysMore(String body, LimitScope scope) {
    var failure =
        FailureClassifier.classify(
            429, Headers.of(Map.of()), body.getBytes(StandardCharsets.UTF_8), NOW);

    assertThat(LimitScope.of(failure)).isEqualTo(scope);
  }
}
