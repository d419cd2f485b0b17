package io.penstock.ingress.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.http.IdempotencyKey;
import io.penstock.platform.catalog.ApiKeys;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RepeatableKeyTest {

  private static final Instant AT = Instant.parse("2026-11-21T00:00:00Z");
  private static final ApiKeys HASHES = new ApiKeys("a pepper of tests");

  private static RepeatableKey asked(String caller, String key, String body) {
    return new RepeatableKey(HASHES, "acme", caller, new IdempotencyKey(key, body));
  }

  private static String secret(RepeatableKey key) {
    return key.secret("sk-pen-", 40, AT);
  }

  @Test
  void whoAsksTheSameAgainHearsTheSame() {
    var first = asked("mine", "k", "body");
    var again = asked("mine", "k", "body");

    assertThat(again.id()).isEqualTo(first.id()).matches("key_[0-9a-f]{32}");
    assertThat(secret(again)).isEqualTo(secret(first)).matches("sk-pen-[0-9a-v]{40}");
  }

  @Test
  void anotherCallerBodyOrTimeIsAnotherSecretOfTheSameKey() {
    var first = asked("mine", "k", "body");

    assertThat(asked("theirs", "k", "body").id()).isEqualTo(first.id());
    assertThat(asked("mine", "k", "other").id()).isEqualTo(first.id());
    assertThat(secret(asked("theirs", "k", "body"))).isNotEqualTo(secret(first));
    assertThat(secret(asked("mine", "k", "other"))).isNotEqualTo(secret(first));
    assertThat(first.secret("sk-pen-", 40, AT.plusMillis(1))).isNotEqualTo(secret(first));
  }

  @Test
  void anotherIdempotencyKeyOrOrganisationIsAnotherKey() {
    var first = asked("mine", "k", "body");

    assertThat(asked("mine", "k2", "body").id()).isNotEqualTo(first.id());
    assertThat(new RepeatableKey(HASHES, "other", "mine", first.asked()).id())
        .isNotEqualTo(first.id());
  }

  @Test
  void itsSecretsAreNotPrinted() {
    assertThat(asked("mine", "k", "body").toString()).doesNotContain("mine").doesNotContain("body");
  }
}
