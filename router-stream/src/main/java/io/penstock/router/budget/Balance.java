package io.penstock.router.budget;

import io.penstock.platform.money.Money;

/**
 * What is used of a budget in one window.
 *
 * @param posted spent
 * @param held reserved for open requests
 */
public record Balance(Money posted, Money held) {

  public static final Balance ZERO = new Balance(Money.ZERO, Money.ZERO);

  /** Both together: what counts against the limit. */
  public Money used() {
    return posted.plus(held);
  }

  /** After a hold was placed. */
  public Balance hold(Money amount) {
    return new Balance(posted, held.plus(amount));
  }

  /** After a hold was resolved: all of it is released, and what was spent is posted. */
  public Balance settle(Money hold, Money spent) {
    return new Balance(posted.plus(spent), held.minus(hold));
  }
}
