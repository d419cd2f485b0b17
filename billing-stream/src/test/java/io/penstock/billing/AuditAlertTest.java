package io.penstock.billing;

import static io.penstock.billing.UsageFixtures.AT;
import static io.penstock.billing.UsageFixtures.settlement;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.penstock.billing.stream.BillingHarness;
import io.penstock.billing.stream.BookingStopped;
import io.penstock.schemas.avro.AuditRecorded;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditAlertTest {

  @Test
  void anAlertSaysWhichUsageStoppedBillingAndWhy(@TempDir Path directory) {
    var wrong = settlement("acme", "r1", List.of(), 20);
    wrong.setChargeNanoUsd(21);
    try (var billing = new BillingHarness(directory)) {
      var failure = catchThrowable(() -> billing.book(wrong));
      while (!(failure instanceof BookingStopped) && failure.getCause() != null) {
        failure = failure.getCause();
      }

      var alert = AuditAlert.of((BookingStopped) failure, AT);

      assertThat(alert)
          .isEqualTo(
              AuditRecorded.newBuilder()
                  .setOrganization("acme")
                  .setActor("system")
                  .setAction("ledger.invariant-broken")
                  .setSubject("r1")
                  .setErrorCode("internal_error")
                  .setDetails(
                      Map.of(
                          "message",
                          "usage r1 charges 21 nano-USD, but its lines add up to 20",
                          "partition",
                          "0",
                          "offset",
                          "0",
                          "remedy",
                          "usage r1 at offset 0 of partition 0 has to be looked at: nothing of it is booked, and nothing"
                              + " after it will be. Correct the stage that wrote it or the software that reads it,"
                              + " then start billing again; it goes on at this record (docs/ledger.md, \"When billing"
                              + " stops\")."))
                  .setAt(AT)
                  .build());
    }
  }
}
