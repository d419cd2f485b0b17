package io.penstock.platform.money;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount in whole nano-USD (1e-9 USD): exact, and an overflow is an {@link ArithmeticException}.
 *
 * @param nanoUsd may be negative
 */
public record Money(long nanoUsd) implements Comparable<Money> {

  public static final Money ZERO = new Money(0);

  private static final int SCALE = 9;
  private static final int SCALE_OF_MILLION = 6;

  /**
   * Price of a quantity, rounded once, half even.
   *
   * @param quantity tokens or units, not negative
   * @param usdPerMillion exact price
   */
  public static Money priceOf(long quantity, BigDecimal usdPerMillion) {
    return new Money(
        nano(quantity, usdPerMillion).setScale(0, RoundingMode.HALF_EVEN).longValueExact());
  }

  /** Price of a quantity, rounded up: for holds, which are upper bounds. */
  public static Money ceilingOf(long quantity, BigDecimal usdPerMillion) {
    return new Money(
        nano(quantity, usdPerMillion).setScale(0, RoundingMode.CEILING).longValueExact());
  }

  /** Exact; moving the point costs a fraction of a division by a million. */
  private static BigDecimal nano(long quantity, BigDecimal usdPerMillion) {
    return usdPerMillion
        .multiply(BigDecimal.valueOf(quantity))
        .scaleByPowerOfTen(SCALE - SCALE_OF_MILLION);
  }

  /**
   * An amount in USD as people write it.
   *
   * @throws ArithmeticException when it is finer than a nano-USD
   * @throws NumberFormatException when it is no decimal number
   */
  public static Money ofUsd(String usd) {
    return new Money(new BigDecimal(usd).movePointRight(SCALE).longValueExact());
  }

  /** Decimal USD without exponent and without trailing zeros, such as {@code 0.00125}. */
  public String usd() {
    var decimal = BigDecimal.valueOf(nanoUsd, SCALE).stripTrailingZeros();
    return (decimal.signum() == 0 ? BigDecimal.ZERO : decimal).toPlainString();
  }

  public Money plus(Money other) {
    return new Money(Math.addExact(nanoUsd, other.nanoUsd));
  }

  public Money minus(Money other) {
    return new Money(Math.subtractExact(nanoUsd, other.nanoUsd));
  }

  public boolean isNegative() {
    return nanoUsd < 0;
  }

  @Override
  public int compareTo(Money other) {
    return Long.compare(nanoUsd, other.nanoUsd);
  }
}
