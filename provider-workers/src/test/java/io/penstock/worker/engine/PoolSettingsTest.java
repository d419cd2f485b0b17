package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.PoolEntry;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolSettingsTest {

  @Test
  void theCataloguesHeadersGoWithEveryCallButNeverReplaceTheDialects() {
    var pool =
        PoolSettings.of(
            PoolEntry.newBuilder()
                .setName("alpha")
                .setProvider("alpha")
                .setDialect("openai")
                .setBaseUrl("http://127.0.0.1/v1")
                .setHeaders(Map.of("OpenAI-Project", "p1", "Authorization", "Bearer other"))
                .build());

    assertThat(pool.headers("secret"))
        .containsEntry("openai-project", "p1")
        .containsEntry("authorization", "Bearer secret")
        .doesNotContainKey("Authorization");
  }
}
