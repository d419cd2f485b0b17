package io.penstock.billing.report;

import io.penstock.schemas.avro.UsageRecorded;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one usage record adds to which charges. */
public final class ChargeRows {

  private ChargeRows() {}

  /**
   * Additions of a record that is booked in a period.
   *
   * @param correctsPeriod closed period that it corrects; null for none
   */
  public static Map<ChargeKey, ChargeSums> of(
      UsageRecorded usage, YearMonth period, @Nullable String correctsPeriod) {
    var rows = new LinkedHashMap<ChargeKey, ChargeSums>();
    var day = usage.getRecordedAt().atZone(ZoneOffset.UTC).toLocalDate();
    var group = UsageGroup.of(usage, UsageRows.pool(usage));
    for (var line : usage.getChargeLines()) {
      var key =
          new ChargeKey(
              usage.getOrganization(),
              period,
              correctsPeriod == null ? "" : correctsPeriod,
              day,
              group.project(),
              group.team(),
              group.apiKey(),
              group.model(),
              group.pool(),
              line.getTokenClass(),
              usage.getPrice() == null ? "" : usage.getPrice(),
              usage.getPriceVersion() == null ? 0 : usage.getPriceVersion(),
              line.getUsdPerMillion());
      rows.merge(
          key, new ChargeSums(line.getQuantity(), line.getAmountNanoUsd(), 1), ChargeSums::plus);
    }
    return rows;
  }
}
