package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.platform.money.Money;

/** Amounts of money that may be nothing, in USD. */
final class Amounts {

  private static final int LENGTH_MAX = 32;

  private Amounts() {}

  /** An amount that must be there, nano-USD; an error of the section if it cannot be one. */
  static long usd(Section section, String key) {
    var text = section.requiredText(key);
    return text.isEmpty() ? 0 : usd(section, key, text);
  }

  /** An amount, nano-USD; an error of the section if it cannot be one. */
  static long usd(Section section, String key, String text) {
    try {
      // the length first: an exponent of a billion would make a number of a billion digits
      var amount = text.length() > LENGTH_MAX ? null : Money.ofUsd(text);
      if (amount != null && !amount.isNegative()) {
        return amount.nanoUsd();
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // falls through to the one message for all
    }
    section.error(key, "must be an amount in USD with at most 9 decimals, not below 0: " + text);
    return 0;
  }
}
