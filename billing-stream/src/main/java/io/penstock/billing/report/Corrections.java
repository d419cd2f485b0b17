package io.penstock.billing.report;

import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.schemas.avro.UsageRecorded;

/** Where corrections go to be booked. Thread-safe. */
public interface Corrections {

  /**
   * Puts a correction on {@code usage}; when this returns it is there for good.
   *
   * @throws UnavailableException when that is not certain; the same correction may be sent again
   */
  void send(UsageRecorded correction) throws UnavailableException;
}
