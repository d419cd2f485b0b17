package io.penstock.worker.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.FailureKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureClassifierTest {

  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        // three kinds of 429
        "429|{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}|RATE_LIMITED",
        "429|{\"error\":{\"message\":\"You exceeded your current quota\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}|PROVIDER_BUDGET",
        "429|{\"error\":{\"message\":\"The model is currently overloaded\",\"type\":\"server_error\",\"code\":\"server_is_overloaded\"}}|OVERLOADED",
        "429|{\"object\":\"error\",\"message\":\"Requests rate limit exceeded\",\"type\":\"rate_limited\",\"param\":null,\"code\":\"1300\"}|RATE_LIMITED",
        "429|[{\"error\":{\"code\":429,\"message\":\"Quota exceeded\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[{\"quotaId\":\"GenerateRequestsPerDayPerProject\"}]}]}}]|PROVIDER_BUDGET",
        "429|<html>too many</html>|RATE_LIMITED",
        "429|''|RATE_LIMITED",
        // the request
        "400|{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens\",\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}|CONTEXT_TOO_LONG",
        "400|{\"object\":\"error\",\"message\":\"This model's maximum context length is 4096 tokens. However, you requested 5000\",\"type\":\"BadRequestError\",\"code\":400}|CONTEXT_TOO_LONG",
        "400|{\"error\":{\"message\":\"filtered\",\"code\":\"content_filter\",\"innererror\":{}}}|CONTENT_POLICY",
        "400|{\"error\":{\"message\":\"refused\",\"code\":\"content_policy_violation\"}}|CONTENT_POLICY",
        "403|{\"error\":{\"code\":403,\"message\":\"flagged\",\"metadata\":{\"reasons\":[\"violence\"]}}}|CONTENT_POLICY",
        "400|{\"error\":{\"message\":\"no such model\",\"code\":\"model_not_found\"}}|NOT_FOUND",
        "400|{\"error\":{\"message\":\"nope\",\"code\":\"tool_use_failed\"}}|UNUSABLE",
        "400|{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"You have reached your specified API usage limits.\"}}|PROVIDER_BUDGET",
        "400|{\"error\":\"bad things\"}|BAD_REQUEST",
        "400|{\"detail\":\"bad things\"}|BAD_REQUEST",
        "413|{\"error\":{\"message\":\"Request too large for model on tokens per minute\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}|CONTEXT_TOO_LONG",
        "413|<html>Cloudflare</html>|BAD_REQUEST",
        "422|{\"detail\":[{\"msg\":\"field required\"}]}|BAD_REQUEST",
        // the credential, the money, the address
        "401|{\"error\":{\"message\":\"Incorrect API key\",\"code\":\"invalid_api_key\"}}|AUTHENTICATION",
        "403|{\"error\":{\"message\":\"no access\"}}|AUTHENTICATION",
        "402|{\"error\":{\"message\":\"Insufficient Balance\"}}|PROVIDER_BUDGET",
        "404|{\"error\":{\"message\":\"Invalid URL\",\"code\":null}}|NOT_FOUND",
        "301|''|NOT_FOUND",
        // the provider
        "500|{\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}|SERVER_ERROR",
        "502|<html><body>Bad Gateway</body></html>|SERVER_ERROR",
        "503|{\"error\":{\"message\":\"overloaded\",\"code\":\"server_is_overloaded\"}}|OVERLOADED",
        "503|''|OVERLOADED",
        "504|''|TIMEOUT",
        "408|''|TIMEOUT",
        "409|''|SERVER_ERROR",
        "498|{\"error\":{\"code\":\"capacity_exceeded\"}}|OVERLOADED",
        "529|{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}|OVERLOADED",
        "500|{\"error\":{\"message\":\"x\",\"code\":\"context_length_exceeded\"}}|SERVER_ERROR",
        "204|''|UNUSABLE"
      })
  void theProvidersOwnWordsDecideBeforeTheStatus(int status, String body, FailureKind kind) {
    var bytes = (body.equals("''") ? "" : body).getBytes(StandardCharsets.UTF_8);

    var failure = FailureClassifier.classify(status, Headers.NONE, bytes, NOW);

    assertThat(failure.getKind()).isEqualTo(kind);
    assertThat(failure.getHttpStatus()).isEqualTo(status);
    assertThat(failure.getMessage()).isNotBlank().hasSizeLessThanOrEqualTo(500);
  }

  @Test
  void theMostExactWordOnWaitingWins() {
    assertThat(waitMillis(Map.of("retry-after-ms", "1250.5", "retry-after", "9"), "{}"))
        .isEqualTo(1251L);
    assertThat(waitMillis(Map.of("retry-after", "2", "x-ratelimit-reset-requests", "9s"), "{}"))
        .isEqualTo(2000L);
    assertThat(waitMillis(Map.of("retry-after", "Sat, 21 Nov 2026 10:00:07 GMT"), "{}"))
        .isEqualTo(7000L);
    assertThat(
            waitMillis(
                Map.of("x-ratelimit-reset-requests", "9s"),
                "{\"error\":{\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"34.4s\"}]}}"))
        .isEqualTo(34_400L);
    assertThat(
            waitMillis(
                Map.of(
                    "x-ratelimit-remaining-requests", "5",
                    "x-ratelimit-reset-requests", "1s",
                    "x-ratelimit-remaining-tokens", "0",
                    "x-ratelimit-reset-tokens", "6m0s"),
                "{}"))
        .isEqualTo(360_000L);
    assertThat(waitMillis(Map.of(), "{}")).isNull();
    assertThat(waitMillis(Map.of("retry-after", "soon"), "{}")).isNull();
    assertThat(waitMillis(Map.of("retry-after", "99999999"), "{}")).isEqualTo(86_400_000L);
  }

  @Test
  void theMessageAndTheBodyAreBounded() {
    var words = "x".repeat(20_000);
    var body = ("{\"error\":{\"message\":\"" + words + "\"}}").getBytes(StandardCharsets.UTF_8);

    var failure = FailureClassifier.classify(400, Headers.NONE, body, NOW);

    assertThat(failure.getMessage()).hasSize(500);
    assertThat(failure.getBody().remaining()).isEqualTo(8192);
  }

  @Test
  void aBodyThatIsNotJsonIsNeverTheMessage() {
    var failure =
        FailureClassifier.classify(
            502, Headers.NONE, "<html>prompt</html>".getBytes(StandardCharsets.UTF_8), NOW);

    assertThat(failure.getMessage()).isEqualTo("the provider answered with status 502");
  }

  @Test
  void everyRecordedRefusalHasAKindAndItsProvidersWords() {
    var exchanges = new java.util.ArrayList<>(Recorded.of("provider-exchanges.jsonl"));
    exchanges.addAll(Recorded.of("curator-batch-interactions.jsonl"));
    var refused = exchanges.stream().filter(exchange -> exchange.status() >= 400).toList();

    assertThat(refused).hasSizeGreaterThan(20);
    for (var exchange : refused) {
      var failure =
          FailureClassifier.classify(
              exchange.status(), exchange.headers(), exchange.response(), NOW);

      assertThat(failure.getKind())
          .as("%s", exchange)
          .isIn(
              FailureKind.BAD_REQUEST,
              FailureKind.NOT_FOUND,
              FailureKind.AUTHENTICATION,
              FailureKind.UNUSABLE);
      assertThat(failure.getMessage()).as("%s", exchange).doesNotStartWith("the provider answered");
      assertThat(failure.getRetryAfterMs()).isNull();
    }
    assertThat(refused).anySatisfy(e -> assertThat(kind(e)).isEqualTo(FailureKind.AUTHENTICATION));
    assertThat(refused).anySatisfy(e -> assertThat(kind(e)).isEqualTo(FailureKind.NOT_FOUND));
    assertThat(refused).anySatisfy(e -> assertThat(kind(e)).isEqualTo(FailureKind.UNUSABLE));
  }

  private static FailureKind kind(Recorded.Exchange exchange) {
    return FailureClassifier.classify(
            exchange.status(), exchange.headers(), exchange.response(), NOW)
        .getKind();
  }

  private static Long waitMillis(Map<String, String> headers, String body) {
    return FailureClassifier.classify(
            429, Headers.of(headers), body.getBytes(StandardCharsets.UTF_8), NOW)
        .getRetryAfterMs();
  }
}
