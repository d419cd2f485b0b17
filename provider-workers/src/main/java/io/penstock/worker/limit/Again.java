package io.penstock.worker.limit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a call that the provider refused unmade is made again by the same worker: it costs the
 * request no attempt, and the router nothing. Pure.
 */
public final class Again {

  /** How often at most; after that the router decides. */
  public static final int TIMES_MAX = 3;

  /** Between two calls for the same request, unless the provider itself names a shorter time. */
  public static final Duration APART = Duration.ofMillis(1500);

  private Again() {}

  /**
   * How long the call waits; null when it shall not be made again here.
   *
   * @param refusals how often it was refused before
   * @param word what the provider said; absent when nothing
   * @param sinceSent time since the call was sent
   * @param pauseLeft until any credential is free
   * @param patienceLeft how long the caller, or the lane, waits
   */
  public static @Nullable Duration after(
      int refusals,
      @Nullable Duration word,
      Duration sinceSent,
      Duration pauseLeft,
      Duration patienceLeft) {
    if (refusals >= TIMES_MAX) {
      return null;
    }
    var apart = APART.minus(sinceSent);
    var wait = word != null && word.compareTo(apart) < 0 ? word : apart;
    wait = wait.isNegative() ? Duration.ZERO : wait;
    wait = wait.compareTo(pauseLeft) < 0 ? pauseLeft : wait;
    return wait.compareTo(patienceLeft) > 0 ? null : wait;
  }
}
