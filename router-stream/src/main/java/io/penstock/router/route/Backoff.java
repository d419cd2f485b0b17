package io.penstock.router.route;

import io.penstock.router.select.RequestHash;
import java.time.Duration;

/**
 * Full jitter: any time up to a bound that doubles with each try. The "random" part is a hash of
 * request and attempt, so that deciding again gives the same time.
 */
final class Backoff {

  private static final long BASE_MILLIS = 500;
  private static final long CAP_MILLIS = 8_000;
  private static final int DOUBLINGS_MAX = 4;

  private Backoff() {}

  /**
   * How long to wait.
   *
   * @param attempt number of the call that failed, from 1
   */
  static Duration after(String requestId, int attempt) {
    var doublings = Math.min(DOUBLINGS_MAX, Math.max(0, attempt - 1));
    var bound = Math.min(CAP_MILLIS, BASE_MILLIS << doublings);
    return Duration.ofMillis(RequestHash.below(requestId, attempt, bound) + 1);
  }
}
