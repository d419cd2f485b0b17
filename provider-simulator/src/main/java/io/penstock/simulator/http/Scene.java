package io.penstock.simulator.http;

import io.penstock.simulator.behaviour.FaultOrder;
import io.penstock.simulator.behaviour.Trouble;
import io.penstock.simulator.dialect.Dialect;
import io.penstock.simulator.dialect.ErrorBody;
import io.penstock.simulator.dialect.Situation;
import io.penstock.simulator.dialect.Telling;
import java.time.Duration;
import java.util.Optional;

/**
 * All that acting a call out depends on.
 *
 * @param requestId as the answer names the call
 * @param draw where all chance of this call comes from
 * @param fault what goes wrong
 * @param latencyNanos time until the answer is complete
 * @param gapNanos time between two events of a stream, on top of the latency
 * @param stall how long a stalled call stays silent
 * @param slow what a slow call takes longer
 * @param retryAfter what a planned 429 asks to wait
 * @param retryAfterOrdered whether any error shall ask for it
 */
record Scene(
    Exchange exchange,
    Dialect dialect,
    Telling telling,
    Witness witness,
    String model,
    String requestId,
    long draw,
    FaultOrder fault,
    long latencyNanos,
    long gapNanos,
    Duration stall,
    Duration slow,
    Duration retryAfter,
    boolean retryAfterOrdered) {

  /** What becomes of the connection. */
  enum Connection {
    KEPT,
    BROKEN
  }

  /** The error that stands where an answer was due. */
  ErrorBody serverError() {
    return dialect.trouble(Trouble.SERVER, new Situation(model, 0, requestId, Optional.empty()));
  }

  void pause(long nanos) throws java.io.IOException, InterruptedException {
    if (nanos > 0) {
      exchange.pause(nanos);
    }
  }
}
