package io.penstock.worker.engine;

import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.worker.limit.Feedback;
import org.jspecify.annotations.Nullable;

/** How a call ended, as it will be written. */
sealed interface CallEnd {

  /** What it says about the provider's limits. */
  Feedback feedback();

  /**
   * With a usable answer.
   *
   * @param reply for the caller who waits; absent when none does
   */
  record Succeeded(CallFinished finished, @Nullable ReplyFinished reply, Feedback feedback)
      implements CallEnd {}

  /** With a failure. */
  record Failed(CallFailed failed, Feedback feedback) implements CallEnd {}
}
