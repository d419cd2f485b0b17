package io.penstock.worker.engine;

import io.penstock.schemas.avro.Lane;

/**
 * A call that waits for a permit.
 *
 * @param since when it came, on the monotonic clock
 * @param refusals how often the provider said that it must wait
 * @param refusedAt when it said so first; meaningless without refusals
 */
record Waiting(Call call, long since, int refusals, long refusedAt) {

  static Waiting fresh(Call call, long nowNanos) {
    return new Waiting(call, nowNanos, 0, 0);
  }

  /** The same call after the provider said that it must wait. */
  Waiting refused(long nowNanos) {
    return new Waiting(call, since, refusals + 1, refusals == 0 ? nowNanos : refusedAt);
  }

  /** Since when it waits because of a limit, as far as its patience is concerned. */
  long limitedSince() {
    return refusals == 0 ? since : refusedAt;
  }

  Lane lane() {
    return call.assigned().getLane();
  }

  String upstreamModel() {
    return call.assigned().getUpstreamModel();
  }
}
