package io.penstock.standalone.broker;

/**
 * Told once, on a thread of its own, when the running broker cannot go on; it may close the broker.
 */
@FunctionalInterface
public interface FatalListener {
  /**
   * Acts on the broker's end.
   *
   * @param reason one line for the operator
   */
  void brokerFailed(String reason);
}
