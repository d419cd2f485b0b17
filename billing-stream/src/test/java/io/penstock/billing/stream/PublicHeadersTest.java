package io.penstock.billing.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.billing.UsageFixtures;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PublicHeadersTest {

  @Test
  void aCorrectionOnUsageIsACloudEventOfBilling() {
    var sent = new HashMap<String, String>();

    PublicHeaders.of(UsageFixtures.correction("acme", "c1", -5))
        .forEach(
            header -> sent.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));

    assertThat(sent)
        .containsOnly(
            Map.entry("ce_specversion", "1.0"),
            Map.entry("ce_id", "correction/c1"),
            Map.entry("ce_source", "/penstock/billing"),
            Map.entry("ce_type", "io.penstock.usage-recorded"),
            Map.entry("ce_time", "2026-03-14T23:59:59.999Z"),
            Map.entry("content-type", "application/avro"));
  }
}
