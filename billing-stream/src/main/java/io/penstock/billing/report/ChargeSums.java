package io.penstock.billing.report;

/**
 * Charge lines added up: exact, an overflow is an {@link ArithmeticException}.
 *
 * @param quantity tokens or units
 * @param amountNanoUsd may be negative, where corrections prevail
 * @param lines how many were added up
 */
public record ChargeSums(long quantity, long amountNanoUsd, long lines) {

  public static final ChargeSums ZERO = new ChargeSums(0, 0, 0);

  public ChargeSums plus(ChargeSums other) {
    return new ChargeSums(
        Math.addExact(quantity, other.quantity),
        Math.addExact(amountNanoUsd, other.amountNanoUsd),
        Math.addExact(lines, other.lines));
  }
}
