package io.penstock.billing.alert;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What came of one attempt to deliver. */
sealed interface Outcome {

  /** The endpoint took it: any 2xx. */
  record Delivered() implements Outcome {}

  /** The endpoint wants nothing any more: 410. */
  record Gone() implements Outcome {}

  /**
   * It has to be tried again.
   *
   * @param reason for people; nothing of what the endpoint answered
   * @param retryAfter that the endpoint asks for; null when it does not
   * @param slow whether the endpoint is overwhelmed: a timeout, or 429
   */
  record Failed(String reason, @Nullable Duration retryAfter, boolean slow) implements Outcome {}
}
