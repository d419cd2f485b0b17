package io.penstock.router.price;

import java.util.Locale;

/** What is not as it should be about a charge. */
public enum PriceFlag {
  /** The provider did not say how many tokens there were. */
  ESTIMATED,
  /** A token class has no price, and was priced as the dearest. */
  PRICE_GUESSED,
  /** The target has no usable price, and its model says that nothing is charged then. */
  PRICE_UNKNOWN,
  /** The provider's counts cannot be true; an estimate took their place. */
  USAGE_QUARANTINED;

  /** Its name in {@code UsageRecorded.flags}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
