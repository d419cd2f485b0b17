package io.penstock.router.budget;

/**
 * What is used of one account, in its unit.
 *
 * @param posted spent
 * @param held reserved for open requests
 * @param told highest percent of the limit that was told of; 0 when none was
 * @param oldest start of the oldest use that counts, milliseconds since 1970; of rolling windows
 *     only
 */
public record Balance(long posted, long held, int told, long oldest) {

  public static final Balance ZERO = new Balance(0, 0, 0, 0);

  /** Of a window that does not roll, and of which nothing was told. */
  public Balance(long posted, long held) {
    this(posted, held, 0, 0);
  }

  /**
   * Both together: what counts against the limit.
   *
   * @throws ArithmeticException when it is beyond all numbers
   */
  public long used() {
    return Math.addExact(posted, held);
  }
}
