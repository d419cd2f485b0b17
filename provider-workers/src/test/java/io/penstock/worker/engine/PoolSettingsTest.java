package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.ModelLimit;
import io.penstock.schemas.avro.PoolCredential;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.worker.limit.CredentialLimits;
import io.penstock.worker.limit.PerMinute;
import java.util.List;
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

  @Test
  void everyCredentialHasTheLimitsOfTheModels() {
    var pool =
        PoolSettings.of(
            PoolEntry.newBuilder()
                .setName("alpha")
                .setProvider("alpha")
                .setDialect("openai")
                .setBaseUrl("http://127.0.0.1/v1")
                .setRequestsPerMinute(900L)
                .setCredentials(
                    List.of(
                        new PoolCredential("a", "env:A", 600L, null),
                        new PoolCredential("b", "env:B", null, null)))
                .setModelLimits(List.of(new ModelLimit("large", 60L, 1000L)))
                .build());

    var large = Map.of("large", new PerMinute(60L, 1000L));
    assertThat(pool.limits().credentials())
        .containsExactly(
            new CredentialLimits("a", new PerMinute(600L, null), large),
            new CredentialLimits("b", PerMinute.UNKNOWN, large));
    assertThat(pool.limits().together()).isEqualTo(new PerMinute(900L, null));
  }
}
