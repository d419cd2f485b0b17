package io.penstock.billing.report;

import java.time.LocalDate;

/** What usage is summed by. An organisation's sums never meet another's. */
public sealed interface RollUpKey {

  /** Pool of a request for which no call was made. */
  String NO_POOL = "";

  String organization();

  String model();

  /** {@link #NO_POOL} where no call was made. */
  String pool();

  /**
   * One day, key, model and pool.
   *
   * @param day in UTC, on which the usage was recorded
   * @param apiKey id of the key
   */
  record Daily(String organization, LocalDate day, String apiKey, String model, String pool)
      implements RollUpKey {}

  /** One model and pool, since ever. */
  record Total(String organization, String model, String pool) implements RollUpKey {}
}
