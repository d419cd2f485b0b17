package io.penstock.billing.report;

import java.time.LocalDate;
import java.time.YearMonth;

/**
 * What charges of a period are summed by: fine enough for an invoice, a chargeback and a FOCUS
 * export. A text is empty where there is no such thing.
 *
 * @param period in which they are booked
 * @param correctsPeriod closed period that they correct, {@code yyyy-MM}
 * @param day in UTC, on which the usage was recorded
 * @param price name of the price
 * @param priceVersion its version; 0 where there is none
 * @param usdPerMillion exact decimal
 */
public record ChargeKey(
    String organization,
    YearMonth period,
    String correctsPeriod,
    LocalDate day,
    String project,
    String team,
    String apiKey,
    String model,
    String pool,
    String tokenClass,
    String price,
    long priceVersion,
    String usdPerMillion) {}
