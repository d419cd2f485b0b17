package io.penstock.billing.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.avro.AuditRecorded;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AlertTest {

  private static final Instant AT = Instant.parse("2026-03-14T12:00:00Z");

  static AuditRecorded audit(String organization, String action, Map<String, String> details) {
    return AuditRecorded.newBuilder()
        .setOrganization(organization)
        .setActor("system")
        .setAction(action)
        .setSubject("monthly")
        .setDetails(details)
        .setAt(AT)
        .build();
  }

  @Test
  void anAlertSaysWhatHappenedToWhatAndWhen() throws Exception {
    var alert = Alert.of(audit("acme", "budget.threshold", Map.of("percent", "80")));

    assertThat(alert).isNotNull();
    assertThat(new ObjectMapper().readTree(alert.body()))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"object": "event", "type": "budget.threshold", "timestamp": "2026-03-14T12:00:00Z", "created_at": 1773489600,
                     "data": {"organization": "acme", "subject": "monthly", "error_code": null, "details": {"percent": "80"}}}
                    """));
  }

  @Test
  void whatIsNotAnOrganisationsBusinessIsNoAlert() {
    for (var action :
        new String[] {
          "catalog.apply", "request.refused", "usage.contradicted", "webhook.disabled", "key.made"
        }) {
      assertThat(Alert.of(audit("acme", action, Map.of()))).as(action).isNull();
    }
  }

  @Test
  void ofABrokenInvariantAnOrganisationHearsThatAndNotWhere() {
    var alert = Alert.of(audit("acme", "ledger.invariant-broken", Map.of("offset", "4711")));

    assertThat(alert).isNotNull();
    assertThat(new String(alert.body(), java.nio.charset.StandardCharsets.UTF_8))
        .doesNotContain("4711");
  }

  @Test
  void ofALateSettlementAnOrganisationHearsThatAndNotWhatItCost() {
    var alert = Alert.of(audit("acme", "settlement.late", Map.of("cost_usd", "0.0123")));

    assertThat(alert).isNotNull();
    assertThat(new String(alert.body(), java.nio.charset.StandardCharsets.UTF_8))
        .doesNotContain("cost", "0.0123");
  }

  @Test
  void aBodyNeverExceedsItsLimit() throws Exception {
    var alert = Alert.of(audit("acme", "price.unknown", Map.of("reason", "x".repeat(65 << 10))));

    assertThat(alert).isNotNull();
    assertThat(alert.body().length).isLessThan(Alert.BODY_BYTES_MAX);
    assertThat(new ObjectMapper().readTree(alert.body()).at("/data/truncated").asBoolean())
        .isTrue();
  }

  @Test
  void theIdIsOfTheRecordAndTheEndpointAndHasNoDot() {
    var id = Alert.id("penstock.audit", 1, 2, "acme", "ops");

    assertThat(id)
        .matches("evt_[0-9a-f]{26}")
        .isEqualTo(Alert.id("penstock.audit", 1, 2, "acme", "ops"));
    assertThat(id)
        .isNotEqualTo(Alert.id("penstock.audit", 1, 3, "acme", "ops"))
        .isNotEqualTo(Alert.id("penstock.audit", 12, 3, "acme", "ops"))
        .isNotEqualTo(Alert.id("penstock.audit", 1, 2, "acmeo", "ps"));
  }
}
