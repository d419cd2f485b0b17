package io.penstock.simulator.calls;

import io.penstock.simulator.behaviour.Fault;

/**
 * How a call ended.
 *
 * @param status the HTTP status, 0 if none was sent
 * @param fault what was made to go wrong
 * @param reach how far the answer came
 * @param inputTokens what the provider would bill
 * @param outputTokens what the provider would bill
 */
public record CallEnd(int status, Fault fault, Reach reach, int inputTokens, int outputTokens) {
  /** How far an answer came. */
  public enum Reach {
    /** The call is not over. */
    OPEN,
    /** A complete 200 answer was written. */
    SERVED,
    /** Anything else was sent, or nothing, on purpose. */
    NOT_SERVED,
    /** The connection was gone when the answer was written. */
    CLIENT_GONE
  }

  /** An answer that was written whole. */
  public static CallEnd served(Fault fault, int inputTokens, int outputTokens) {
    return new CallEnd(200, fault, Reach.SERVED, inputTokens, outputTokens);
  }

  /** An error, or a broken answer. */
  public static CallEnd notServed(int status, Fault fault) {
    return new CallEnd(status, fault, Reach.NOT_SERVED, 0, 0);
  }

  /** Nobody was there to be answered. */
  public static CallEnd clientGone(Fault fault) {
    return new CallEnd(0, fault, Reach.CLIENT_GONE, 0, 0);
  }
}
