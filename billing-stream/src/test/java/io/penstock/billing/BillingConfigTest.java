package io.penstock.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.billing.alert.AlertConfig;
import io.penstock.billing.stream.BookingLimits;
import io.penstock.billing.stream.BookingLimits.RollUpRetention;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import java.time.Duration;
import org.apache.kafka.streams.state.HostInfo;
import org.junit.jupiter.api.Test;

final class BillingConfigTest {

  @Test
  void defaultsAreThoseOfTheDocumentation() {
    assertThat(BillingConfig.byDefault())
        .isEqualTo(
            new BillingConfig(
                new BookingLimits(
                    Duration.ofDays(36),
                    10_000,
                    Duration.ofMillis(500),
                    Duration.ofHours(72),
                    RollUpRetention.BY_DEFAULT),
                Duration.ofMillis(250),
                8 << 20,
                new AlertConfig(true, false, Duration.ofSeconds(10)),
                null));
  }

  @Test
  void everyKeyIsRead() {
    var section =
        Section.parse(
            """
            ledger: {seen-retention: 3d, journal-entries-max: 50, balances-every: 2s, period-grace: 1d}
            roll-ups: {minutes: 1h, hours: 2h, days: 3d}
            stream: {commit-interval: 1s, cache-size: 1MiB}
            alerts: {enabled: false, allow-loopback: true, timeout: 3s}
            http: {host: 127.0.0.1, port: 9000, advertised: "billing-1:9001"}
            """);

    var config = BillingConfig.of(section);
    section.finish();

    assertThat(config)
        .isEqualTo(
            new BillingConfig(
                new BookingLimits(
                    Duration.ofDays(3),
                    50,
                    Duration.ofSeconds(2),
                    Duration.ofDays(1),
                    new RollUpRetention(
                        Duration.ofHours(1), Duration.ofHours(2), Duration.ofDays(3))),
                Duration.ofSeconds(1),
                1 << 20,
                new AlertConfig(false, true, Duration.ofSeconds(3)),
                new BillingConfig.Server("127.0.0.1", 9000, new HostInfo("billing-1", 9001))));
  }

  @Test
  void wrongValuesAndUnknownKeysAreToldTogether() {
    var section = Section.parse("{ledger: {journal-entries-max: 0}, stream: {commit: 1s}}");
    BillingConfig.of(section);

    assertThatThrownBy(section::finish)
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            """
            ledger.journal-entries-max: must be a whole number from 1 to 100000000, not 0
            stream.commit: unknown key""");
  }
}
