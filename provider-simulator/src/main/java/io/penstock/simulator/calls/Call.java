package io.penstock.simulator.calls;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallEnd.Reach;

/**
 * One call as the log keeps it.
 *
 * @param number position in the log, from 0
 * @param requestId what the caller sent, or a name made from the body
 * @param named whether the caller sent it
 * @param model as asked for
 * @param attempt as the caller counts, or, where it does not say, as we do from 1
 * @param startedMillis wall time
 * @param startedNanos monotonic, comparable within one process
 * @param endedNanos monotonic; equal to the start while the call is open
 * @param status 0 if none was sent
 * @param fault what was made to go wrong
 * @param reach how far the answer came
 * @param inputTokens 0 unless served
 * @param outputTokens 0 unless served
 */
public record Call(
    long number,
    String requestId,
    boolean named,
    String model,
    int attempt,
    long startedMillis,
    long startedNanos,
    long endedNanos,
    int status,
    Fault fault,
    Reach reach,
    int inputTokens,
    int outputTokens) {

  /** Whether the call is not over. */
  public boolean open() {
    return reach == Reach.OPEN;
  }

  /** Whether a complete 200 answer was written. */
  public boolean served() {
    return reach == Reach.SERVED;
  }

  /** Whether the connection was gone when the answer was written. */
  public boolean clientGone() {
    return reach == Reach.CLIENT_GONE;
  }
}
