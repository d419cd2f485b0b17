package io.penstock.simulator.calls;

/**
 * A call that has begun, to be handed back when it ends.
 *
 * @param epoch which life of the log it belongs to: a reset starts the next
 * @param row where its details are, or {@link #NOT_KEPT}
 * @param identity number of its request in the log, or {@link #NOT_KEPT}
 * @param model number of its model in the log
 * @param key number of its key
 */
public record CallTicket(int epoch, int row, int identity, int model, int key) {
  /** The log was full. */
  public static final int NOT_KEPT = -1;
}
