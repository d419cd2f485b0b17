package io.penstock.billing.report;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rounds an invoice once, as a whole, and shares the cents out so that the lines add up to it: by
 * largest remainder.
 */
public final class Cents {

  private static final long NANO_PER_CENT = 10_000_000;

  private Cents() {}

  /** Whole cents of an amount in nano-USD, half even. */
  public static long of(long nanoUsd) {
    var floor = Math.floorDiv(nanoUsd, NANO_PER_CENT);
    var twice = Math.floorMod(nanoUsd, NANO_PER_CENT) * 2;
    if (twice == NANO_PER_CENT) {
      return floor + (floor & 1);
    }
    return twice > NANO_PER_CENT ? floor + 1 : floor;
  }

  /**
   * Cents of each amount; they add up to the cents of the sum, and each is less than a cent away.
   *
   * @throws ArithmeticException when the sum does not fit
   */
  public static List<Long> shares(List<Long> nanoUsd) {
    var sum = nanoUsd.stream().map(BigInteger::valueOf).reduce(BigInteger.ZERO, BigInteger::add);
    var cents = new ArrayList<Long>(nanoUsd.size());
    var floors = 0L;
    for (var amount : nanoUsd) {
      var floor = Math.floorDiv(amount, NANO_PER_CENT);
      cents.add(floor);
      floors = Math.addExact(floors, floor);
    }
    var left = Math.subtractExact(of(sum.longValueExact()), floors);
    var order = new ArrayList<Integer>(nanoUsd.size());
    for (int i = 0; i < nanoUsd.size(); i++) {
      order.add(i);
    }
    order.sort(
        Comparator.comparing((Integer i) -> Math.floorMod(nanoUsd.get(i), NANO_PER_CENT))
            .reversed());
    for (int i = 0; i < left; i++) {
      cents.set(order.get(i), cents.get(order.get(i)) + 1);
    }
    return cents;
  }

  /** Decimal USD with two places. */
  public static String usd(long cents) {
    return java.math.BigDecimal.valueOf(cents, 2).toPlainString();
  }
}
