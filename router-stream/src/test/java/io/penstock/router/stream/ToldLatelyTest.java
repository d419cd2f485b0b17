package io.penstock.router.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.AuditRecorded;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToldLatelyTest {

  private final ToldLately told = new ToldLately();

  private static AuditRecorded of(String organization, String model) {
    return new AuditRecorded(
        organization, "system", "price.unknown", model, null, Map.of(), Fixtures.T0);
  }

  @Test
  void eachSubjectIsToldOnceAnHour() {
    assertThat(told.due(of("acme", "fast"), 0)).isTrue();
    assertThat(told.due(of("acme", "fast"), 3_599_999)).isFalse();
    assertThat(told.due(of("acme", "smart"), 3_599_999)).isTrue();
    assertThat(told.due(of("globex", "fast"), 3_599_999)).isTrue();
    assertThat(told.due(of("acme", "fast"), 3_600_000)).isTrue();
    assertThat(told.due(of("acme", "fast"), 3_600_001)).isFalse();
  }
}
