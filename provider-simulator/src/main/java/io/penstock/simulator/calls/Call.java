package io.penstock.simulator.calls;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallEnd.Reach;

/**
 * One call as the log keeps it.
 *
 * @param number position in the log, from 0
 * @param requestId what the caller sent, or a name made from the body
 * @param named whether the caller sent it
 * @param origin model, surface and key
 * @param attempt as the caller counts, or, where it does not say, as we do from 1
 * @param startedMillis wall time
 * @param startedNanos monotonic, comparable within one process
 * @param endedNanos monotonic; equal to the start while the call is open
 * @param end status, fault, and how far the answer came
 */
public record Call(
    long number,
    String requestId,
    boolean named,
    CallOrigin origin,
    int attempt,
    long startedMillis,
    long startedNanos,
    long endedNanos,
    CallEnd end) {

  /** As asked for. */
  public String model() {
    return origin.model();
  }

  /** 0 if none was sent. */
  public int status() {
    return end.status();
  }

  /** What was made to go wrong. */
  public Fault fault() {
    return end.fault();
  }

  /** 0 unless served. */
  public int inputTokens() {
    return served() ? end.inputTokens() : 0;
  }

  /** 0 unless served. */
  public int outputTokens() {
    return served() ? end.producedTokens() : 0;
  }

  /** What was said until the call ended, served or not. */
  public int producedTokens() {
    return end.producedTokens();
  }

  /** Whether the call is not over. */
  public boolean open() {
    return end.reach() == Reach.OPEN;
  }

  /** Whether a complete 200 answer was written. */
  public boolean served() {
    return end.reach() == Reach.SERVED;
  }

  /** Whether the client hung up before the answer was complete. */
  public boolean clientGone() {
    return end.reach() == Reach.CLIENT_GONE;
  }
}
