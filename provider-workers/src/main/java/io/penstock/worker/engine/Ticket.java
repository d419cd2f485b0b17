package io.penstock.worker.engine;

import io.penstock.worker.limit.Circuit;
import io.penstock.worker.limit.Permit;

/**
 * A call that may be made now.
 *
 * @param waiting the call
 * @param permit to be given back
 * @param pass through the circuit of its model
 */
record Ticket(Waiting waiting, Permit permit, Circuit.Pass pass) {

  Call call() {
    return waiting.call();
  }
}
