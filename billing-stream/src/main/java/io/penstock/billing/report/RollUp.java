package io.penstock.billing.report;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sums over usage of one group: immutable, exact, an overflow is an {@link ArithmeticException}.
 *
 * @param requests that ended
 * @param succeeded of these, answered
 * @param calls made to the pool
 * @param chargedTokens by the names of the fields of {@code TokenUsage}
 * @param upstreamTokens of all calls, charged or not, by the same names
 * @param chargeNanoUsd what the organisation owes
 * @param overageNanoUsd of this, beyond what was held
 * @param costNanoUsd what the provider bills
 * @param chargeByClass charges by the same names, nano-USD
 * @param discountNanoUsd list price less charge; negative where price rules raised it
 */
public record RollUp(
    long requests,
    long succeeded,
    long calls,
    SortedMap<String, Long> chargedTokens,
    SortedMap<String, Long> upstreamTokens,
    long chargeNanoUsd,
    long overageNanoUsd,
    long costNanoUsd,
    SortedMap<String, Long> chargeByClass,
    long discountNanoUsd) {

  public static final RollUp ZERO =
      new RollUp(0, 0, 0, new TreeMap<>(), new TreeMap<>(), 0, 0, 0, new TreeMap<>(), 0);

  public RollUp {
    chargedTokens = Collections.unmodifiableSortedMap(new TreeMap<>(chargedTokens));
    upstreamTokens = Collections.unmodifiableSortedMap(new TreeMap<>(upstreamTokens));
    chargeByClass = Collections.unmodifiableSortedMap(new TreeMap<>(chargeByClass));
  }

  public RollUp plus(RollUp other) {
    return new RollUp(
        Math.addExact(requests, other.requests),
        Math.addExact(succeeded, other.succeeded),
        Math.addExact(calls, other.calls),
        TokenClasses.sum(chargedTokens, other.chargedTokens),
        TokenClasses.sum(upstreamTokens, other.upstreamTokens),
        Math.addExact(chargeNanoUsd, other.chargeNanoUsd),
        Math.addExact(overageNanoUsd, other.overageNanoUsd),
        Math.addExact(costNanoUsd, other.costNanoUsd),
        TokenClasses.sum(chargeByClass, other.chargeByClass),
        Math.addExact(discountNanoUsd, other.discountNanoUsd));
  }

  /** What the charges would have been at list prices. */
  public long listNanoUsd() {
    return Math.addExact(chargeNanoUsd, discountNanoUsd);
  }
}
