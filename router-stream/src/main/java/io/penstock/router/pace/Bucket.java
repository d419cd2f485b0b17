package io.penstock.router.pace;

import java.math.BigInteger;

/**
 * A limit per minute as a bucket that time fills evenly, exact in integers: one token of a limit of
 * {@code n} a minute is 60,000 parts, and each millisecond brings {@code n} of them.
 *
 * <p>It holds one minute's worth. So a caller who has been quiet may use a whole minute's allowance
 * at once, as with the providers that he is used to, and no span of a minute ever sees more than
 * twice the limit, none of {@code k} minutes more than {@code k + 1} times. A smaller bucket would
 * refuse callers who keep to their limit by any clock of their own; one that is emptied on the
 * minute would let two minutes' worth through in a moment around it, every minute.
 *
 * @param used parts that are missing from a full bucket; never below 0, never above the whole
 * @param limit tokens a minute
 * @param atMillis when that was so, milliseconds since 1970
 */
public record Bucket(long used, long limit, long atMillis) {

  /** Limits above this count as this: nobody reaches it, and all arithmetic stays exact. */
  public static final long LIMIT_MAX = 10_000_000_000_000L;

  private static final long PARTS = 60_000;

  /** A bucket that nothing was taken from. */
  public static Bucket full(long limit, long nowMillis) {
    return new Bucket(0, clamped(limit), nowMillis);
  }

  /**
   * The same bucket later, under the limit as it is then.
   *
   * <p>A raised limit keeps the used share: who had used all has to wait for the new rate to fill
   * it, so no change is a burst. A lowered one keeps what was used, at most the whole: who had used
   * more than there now is starts from nothing left. A clock that went back, as after a move to
   * another machine, fills nothing and locks nobody out.
   */
  public Bucket at(long limitNow, long nowMillis) {
    return filled(nowMillis).under(clamped(limitNow));
  }

  private Bucket filled(long nowMillis) {
    var elapsed = nowMillis - atMillis;
    if (elapsed <= 0 || used == 0) {
      return new Bucket(used, limit, nowMillis);
    }
    var left = elapsed >= resetMillis() ? 0 : used - elapsed * limit;
    return new Bucket(left, limit, nowMillis);
  }

  private Bucket under(long limitNow) {
    if (limitNow == limit) {
      return this;
    }
    var whole = limitNow * PARTS;
    if (limitNow < limit) {
      return new Bucket(Math.min(used, whole), limitNow, atMillis);
    }
    return new Bucket(limit == 0 ? whole : scaled(used, limitNow, limit), limitNow, atMillis);
  }

  /** Rounded up: what is given too little is given by the next millisecond. */
  private static long scaled(long used, long limitNow, long limit) {
    return BigInteger.valueOf(used)
        .multiply(BigInteger.valueOf(limitNow))
        .add(BigInteger.valueOf(limit - 1))
        .divide(BigInteger.valueOf(limit))
        .longValueExact();
  }

  /** Whole tokens that may be taken at once. */
  public long remaining() {
    return (limit * PARTS - used) / PARTS;
  }

  /** Until it is full again; {@link Long#MAX_VALUE} for one that never is. */
  public long resetMillis() {
    return used == 0 ? 0 : limit == 0 ? Long.MAX_VALUE : Math.ceilDiv(used, limit);
  }

  /** Whether it never holds so much, however long one waits. */
  boolean tooSmallFor(long tokens) {
    return tokens > limit;
  }

  /** Until so much may be taken, if nobody else takes any; 0 when it may be now. */
  long waitMillis(long tokens) {
    var missing = used - (limit - tokens) * PARTS;
    return missing <= 0 ? 0 : Math.ceilDiv(missing, limit);
  }

  /** After so much was taken; below nothing left it does not go. */
  public Bucket take(long tokens) {
    var whole = limit * PARTS;
    return new Bucket(Math.min(whole, used + clamped(tokens) * PARTS), limit, atMillis);
  }

  /** After so much was given back; above full it does not go. */
  public Bucket give(long tokens) {
    return new Bucket(Math.max(0, used - clamped(tokens) * PARTS), limit, atMillis);
  }

  private static long clamped(long tokens) {
    return Math.clamp(tokens, 0L, LIMIT_MAX);
  }
}
