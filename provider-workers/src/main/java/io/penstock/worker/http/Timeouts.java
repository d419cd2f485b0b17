package io.penstock.worker.http;

import java.time.Duration;

/**
 * How long each part of a call may take.
 *
 * @param connect until a connection stands, TLS included
 * @param firstByte from the request's last byte to the first of the model's output: a head or a
 *     comment does not count
 * @param idle longest silence inside the answer
 * @param total the whole call
 */
public record Timeouts(Duration connect, Duration firstByte, Duration idle, Duration total) {

  /** The same, with no more than this time for the whole call. */
  public Timeouts within(Duration left) {
    return left.compareTo(total) >= 0 ? this : new Timeouts(connect, firstByte, idle, left);
  }
}
