package io.penstock.router.route;

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
    return Duration.ofMillis(Math.floorMod(mixed(requestId, attempt), bound) + 1);
  }

  /** Finaliser of SplitMix64: neighbours in, strangers out. */
  private static long mixed(String requestId, int attempt) {
    var seed = 0xcbf29ce484222325L;
    for (int i = 0; i < requestId.length(); i++) {
      seed = (seed ^ requestId.charAt(i)) * 0x100000001b3L;
    }
    var mixed = seed + attempt * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
