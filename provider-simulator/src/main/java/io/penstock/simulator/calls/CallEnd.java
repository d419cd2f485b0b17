package io.penstock.simulator.calls;

import io.penstock.simulator.behaviour.Fault;

/**
 * How a call ended.
 *
 * @param status the HTTP status, 0 if none was sent
 * @param fault what was made to go wrong
 * @param reach how far the answer came
 * @param inputTokens what was read of the prompt; 0 if the call was refused
 * @param producedTokens what was said until the end
 */
public record CallEnd(int status, Fault fault, Reach reach, int inputTokens, int producedTokens) {
  /** How far an answer came. */
  public enum Reach {
    /** The call is not over. */
    OPEN,
    /** A complete 200 answer was written. */
    SERVED,
    /** Anything else was sent, or nothing, on purpose. */
    NOT_SERVED,
    /** The client hung up before the answer was complete. */
    CLIENT_GONE
  }

  /** An answer that was written whole. */
  public static CallEnd served(Fault fault, int inputTokens, int producedTokens) {
    return new CallEnd(200, fault, Reach.SERVED, inputTokens, producedTokens);
  }

  /** An error. */
  public static CallEnd notServed(int status, Fault fault) {
    return new CallEnd(status, fault, Reach.NOT_SERVED, 0, 0);
  }

  /** A broken answer. */
  public static CallEnd broken(int status, Fault fault, int inputTokens, int producedTokens) {
    return new CallEnd(status, fault, Reach.NOT_SERVED, inputTokens, producedTokens);
  }

  /** Nobody was there to be answered. */
  public static CallEnd clientGone(Fault fault) {
    return clientGone(0, fault, 0, 0);
  }

  /** The client hung up in the middle; the status is 0 if it had not seen any. */
  public static CallEnd clientGone(int status, Fault fault, int inputTokens, int producedTokens) {
    return new CallEnd(status, fault, Reach.CLIENT_GONE, inputTokens, producedTokens);
  }
}
