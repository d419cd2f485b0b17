package io.penstock.worker.dialect.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.Exchanged;
import io.penstock.worker.dialect.Exchanges;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.Recorded;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AzureProviderTest {

  private static final Endpoint VERSIONED =
      new Endpoint("x.openai.azure.com", "2024-12-01-preview");
  private static final Endpoint V1 = new Endpoint("x.openai.azure.com", null);

  private final AzureProvider provider = new AzureProvider();

  private static CallAssigned call(Surface surface, boolean stream) {
    var call = Exchanged.call(surface, "my gpt");
    call.getFacts().setStream(stream);
    return call;
  }

  private Exchange exchange(Surface surface, String body, Endpoint endpoint) {
    return Exchanges.of(
        call(surface, body.contains("\"stream\":true")), bytes(body), provider, endpoint);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          OPENAI_CHAT       | 2024-10-21 | /deployments/my%20gpt/chat/completions?api-version=2024-10-21
          OPENAI_CHAT       | -          | /v1/chat/completions
          OPENAI_EMBEDDINGS | 2024-10-21 | /deployments/my%20gpt/embeddings?api-version=2024-10-21
          OPENAI_EMBEDDINGS | -          | /v1/embeddings
          OPENAI_RESPONSES  | -          | /v1/responses
          OPENAI_RESPONSES  | 2025-04-01-preview | /responses?api-version=2025-04-01-preview
          OPENAI_RESPONSES  | 2024-10-21 | /deployments/my%20gpt/chat/completions?api-version=2024-10-21
          """)
  void theDeploymentStandsInThePathWhereThereIsAVersion(
      Surface surface, @org.jspecify.annotations.Nullable String version, String path) {
    var exchange =
        exchange(
            surface,
            "{\"model\":\"a\",\"input\":\"x\"}",
            new Endpoint("x.openai.azure.com", version));

    assertThat(exchange.outgoing().path()).isEqualTo(path);
  }

  @Test
  void theKeyHasAHeaderOfItsOwnAndTheDeploymentIsTheModel() {
    assertThat(provider.headers("k")).isEqualTo(Map.of("api-key", "k"));
    assertThat(provider.headers(null)).isEmpty();
    assertThat(
            text(
                exchange(Surface.OPENAI_CHAT, "{\"model\":\"a\",\"messages\":[]}", V1)
                    .outgoing()
                    .body()))
        .isEqualTo("{\"model\":\"my gpt\",\"messages\":[]}");
  }

  @Test
  void chunksWithoutADeltaAndThoseAboutFiltersSayNothing() {
    var stream =
        """
        data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}

        data: {"id":"c","model":"gpt","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

        data: {"id":"c","model":"gpt","choices":[{"index":0,"delta":{"content":"Hi"},"content_filter_results":{}}]}

        data: {"id":"","model":"","choices":[{"index":0,"finish_reason":null,"content_filter_offsets":{"check_offset":1},"content_filter_results":{"error":{"code":"content_filter_error","message":"down"}}}]}

        data: {"id":"c","model":"gpt","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: {"id":"c","model":"gpt","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}

        data: [DONE]

        """;
    var exchange =
        exchange(
            Surface.OPENAI_CHAT,
            "{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[]}",
            VERSIONED)
            .stream(Instant.EPOCH);

    var taken = exchange.take(bytes(stream), 0, bytes(stream).length);
    var end = exchange.end(Instant.EPOCH);

    assertThat(end.reading()).isInstanceOf(Reading.Usable.class);
    assertThat(text(taken) + text(end.rest())).isEqualTo(stream);
    assertThat(exchange.delivered(1).getText()).isEqualTo(ByteBuffer.wrap(bytes("Hi")));
  }

  @Test
  void aPromptThatTheFilterRefusesIsAMatterOfContentPolicy() {
    var body =
        """
        {"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's \
        content management policy.","type":null,"param":"prompt","code":"content_filter",
        "status":400,"innererror":{"code":"ResponsibleAIPolicyViolation",
        "content_filter_result":{"hate":{"filtered":true,"severity":"high"}}}}}""";

    var failure = provider.readError(400, Headers.NONE, bytes(body), Instant.EPOCH).failure();

    assertThat(failure.getKind()).isEqualTo(FailureKind.CONTENT_POLICY);
    assertThat(failure.getProviderCode()).isEqualTo("content_filter");
  }

  @Test
  void anAnswerThatWasFilteredEndsForThatReason() {
    var body =
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"content_filter\","
            + "\"message\":{\"role\":\"assistant\",\"content\":\"Once\"}}]}";

    var read = provider.read(call(Surface.ANTHROPIC_MESSAGES, false), bytes(body), Instant.EPOCH);

    assertThat(((Read.Answered) read).answer().choices().getFirst().finish())
        .isEqualTo(Finish.CONTENT_FILTER);
  }

  @Test
  void millisecondsAreBelievedBeforeSeconds() {
    var headers =
        new Headers(Map.of("retry-after-ms", "1500", "retry-after", "2", "apim-request-id", "a"));

    var failure =
        provider
            .readError(
                429,
                headers,
                bytes("{\"error\":{\"code\":\"429\",\"message\":\"slow\"}}"),
                Instant.EPOCH)
            .failure();

    assertThat(failure.getKind()).isEqualTo(FailureKind.RATE_LIMITED);
    assertThat(failure.getRetryAfterMs()).isEqualTo(Duration.ofMillis(1500).toMillis());
    assertThat(provider.providerRequestId(headers)).isEqualTo("a");
  }

  @Test
  void aMissingDeploymentIsNotFound() {
    var body =
        "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"The API deployment for this "
            + "resource does not exist.\"}}";

    assertThat(
            provider.readError(404, Headers.NONE, bytes(body), Instant.EPOCH).failure().getKind())
        .isEqualTo(FailureKind.NOT_FOUND);
  }

  @Test
  void everyRecordedAnswerOfAzurePassesAsItCame() {
    var exchanges =
        Recorded.of("provider-exchanges.jsonl").stream()
            .filter(exchange -> exchange.url().contains(".openai.azure.com"))
            .filter(exchange -> exchange.status() == 200)
            .filter(
                exchange ->
                    exchange.url().contains("/chat/completions")
                        || exchange.url().endsWith("/responses"))
            .toList();
    assertThat(exchanges).hasSize(4);

    for (var recorded : exchanges) {
      var surface =
          recorded.url().endsWith("/responses") ? Surface.OPENAI_RESPONSES : Surface.OPENAI_CHAT;
      var body = "{\"model\":\"a\"}";

      var reading = exchange(surface, body, V1).read(recorded.response(), Instant.EPOCH);

      assertThat(reading)
          .isInstanceOfSatisfying(
              Reading.Usable.class,
              usable -> assertThat(usable.answer()).isEqualTo(recorded.response()));
    }
  }
}
