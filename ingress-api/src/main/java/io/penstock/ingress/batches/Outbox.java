package io.penstock.ingress.batches;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Writes to the log. Thread-safe; records of one key keep their order. */
interface Outbox {

  /**
   * Hears once of each record, on any thread: null once all replicas have it, else why they may
   * not.
   */
  @FunctionalInterface
  interface Acknowledgement {
    void done(@Nullable Exception failure);
  }

  /** Appends to topic {@code batches}. */
  void batch(String batch, SpecificRecord event, Acknowledgement acknowledgement);

  /** Appends to topic {@code requests.batch}. */
  void request(String organization, SpecificRecord request, Acknowledgement acknowledgement);
}
