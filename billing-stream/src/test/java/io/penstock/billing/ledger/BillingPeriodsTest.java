package io.penstock.billing.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.billing.ledger.BillingPeriods.Place;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import org.junit.jupiter.api.Test;

final class BillingPeriodsTest {

  private static final YearMonth MARCH = YearMonth.of(2026, 3);
  private static final YearMonth APRIL = YearMonth.of(2026, 4);

  private final BillingPeriods periods = new BillingPeriods(Duration.ofHours(72));

  private Place place(String occurredAt, String clock) {
    return periods.place(Instant.parse(occurredAt), Instant.parse(clock));
  }

  @Test
  void led11BeforeTheCloseAndWithinTheGraceAThingIsBookedInItsOwnMonth() {
    assertThat(place("2026-03-31T23:00:00Z", "2026-03-31T23:00:01Z"))
        .isEqualTo(new Place(MARCH, null));
    assertThat(place("2026-03-31T23:00:00Z", "2026-04-03T23:59:59Z"))
        .isEqualTo(new Place(MARCH, null));
  }

  @Test
  void led11AfterTheGraceAThingIsBookedInThePresentMonth() {
    assertThat(place("2026-03-31T23:00:00Z", "2026-04-04T00:00:00Z"))
        .isEqualTo(new Place(APRIL, MARCH));
  }

  @Test
  void whatClaimsToComeFromTheFutureDoesNotOpenAMonth() {
    assertThat(place("2026-04-01T00:00:01Z", "2026-03-31T23:59:59Z"))
        .as("a clock ahead of ours within its allowance")
        .isEqualTo(new Place(APRIL, null));
    assertThat(place("2026-04-01T00:10:00Z", "2026-03-31T23:59:59Z"))
        .isEqualTo(new Place(MARCH, null));
  }
}
