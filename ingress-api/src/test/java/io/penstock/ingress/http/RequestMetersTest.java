package io.penstock.ingress.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RequestMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RequestMeters meters = new RequestMeters(registry);

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, 200, chat, 2xx",
    "/v1/responses, 402, responses, 4xx",
    "/v1/messages, 503, messages, 5xx",
    "/v1/messages/batches/b/results, 200, message_batches, 2xx",
    "/v1/embeddings, 0, embeddings, gone",
    "/v1/files/file-1/content, 200, files, 2xx",
    "/v1/batches, 201, batches, 2xx",
    "/v1/admin/keys, 403, admin, 4xx",
    "/chat/completions, 200, chat, 2xx",
    "/openai/v1/responses, 200, responses, 2xx",
    "/openai/deployments/my-model/embeddings, 200, embeddings, 2xx",
    "/favicon.ico, 404, other, 4xx"
  })
  void everyPathCountsForItsSurface(String path, int status, String surface, String statusClass) {
    meters.ended(path, status, Duration.ofMillis(3));

    var timer =
        registry
            .get("penstock.accept.requests")
            .tags("surface", surface, "status", statusClass)
            .timer();
    assertThat(timer.count()).isEqualTo(1);
  }

  @Test
  void pathsThatNobodyServesMakeOneMeterOnly() {
    for (int i = 0; i < 1000; i++) {
      meters.ended("/" + i, 404, Duration.ZERO);
    }

    assertThat(registry.getMeters()).hasSize(1);
  }
}
