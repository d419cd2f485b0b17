package io.penstock.billing.report;

import java.time.Instant;
import java.time.LocalDate;

/** What usage is summed by. An organisation's sums never meet another's. */
public sealed interface RollUpKey {

  /** Pool of a request for which no call was made. */
  String NO_POOL = "";

  String organization();

  /**
   * One bucket and group.
   *
   * @param start of the bucket in which the usage was recorded
   */
  record Bucket(String organization, BucketWidth width, Instant start, UsageGroup group)
      implements RollUpKey {}

  /**
   * One day and model of an end user or tag.
   *
   * @param day in UTC, on which the usage was recorded
   */
  record Labelled(String organization, Label label, LocalDate day, String name, String model)
      implements RollUpKey {}

  /**
   * One day of a provider's model, as the provider bills it.
   *
   * @param day in UTC, on which the call ended
   */
  record Upstream(String organization, LocalDate day, String pool, String upstreamModel)
      implements RollUpKey {}

  /** One model and pool, since ever. */
  record Total(String organization, String model, String pool) implements RollUpKey {}
}
