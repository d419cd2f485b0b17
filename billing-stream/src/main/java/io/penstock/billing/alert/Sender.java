package io.penstock.billing.alert;

import java.time.Instant;

/** Makes one attempt to deliver. Thread-safe; called by one thread for each attempt. */
interface Sender {

  /**
   * Waits for the end of the attempt.
   *
   * @param url as the catalogue has it now
   * @param secret reference to the secret, resolved for this attempt
   */
  Outcome send(String id, byte[] body, String url, String secret, Instant at);
}
