package io.penstock.router.pace;

import org.jspecify.annotations.Nullable;

/**
 * How much of a limit is taken by what is open.
 *
 * @param taken requests, or tokens
 * @param first who waits longest for room; absent when nobody does
 */
public record Count(long taken, @Nullable Waiter first) {

  public static final Count ZERO = new Count(0, null);

  /**
   * One who waits for room. Whoever came first goes first, so that a large one is not overtaken for
   * ever by small ones.
   *
   * @param sinceMillis when it was accepted, milliseconds since 1970
   * @param requestId tells apart those of the same time
   * @param seenMillis when it last asked; one that asks no more has gone
   */
  public record Waiter(long sinceMillis, String requestId, long seenMillis) {

    /** The first in line asks several times a second; one that asks no more has gone. */
    public static final long GONE_MILLIS = 3_000;

    boolean before(Waiter other) {
      return sinceMillis != other.sinceMillis
          ? sinceMillis < other.sinceMillis
          : requestId.compareTo(other.requestId) < 0;
    }

    boolean gone(long nowMillis) {
      return nowMillis - seenMillis > GONE_MILLIS;
    }
  }

  /** After so much more was taken. */
  public Count take(long amount) {
    return new Count(taken + amount, first);
  }

  /** After so much was given back. */
  public Count give(long amount) {
    return new Count(Math.max(0, taken - amount), first);
  }

  /** After one asked in vain: the first of those who wait is remembered. */
  public Count waiting(Waiter waiter) {
    return new Count(taken, waiter);
  }

  /** After one who waited got room, or gave up. */
  public Count without(String requestId) {
    return first != null && first.requestId().equals(requestId) ? new Count(taken, null) : this;
  }

  /** Whether nothing is lost by forgetting it. */
  public boolean idle(long nowMillis) {
    return taken == 0 && (first == null || first.gone(nowMillis));
  }

  /** Whether another than this one is first in line. */
  boolean belongsToAnother(Waiter asking, long nowMillis) {
    return first != null
        && !first.gone(nowMillis)
        && !first.requestId().equals(asking.requestId())
        && first.before(asking);
  }
}
