package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import java.math.BigDecimal;

/** Decimals of the catalogue, each in one form, so that 0.60 and 0.6 are no difference. */
final class Decimals {

  private static final int DECIMALS_MAX = 9;
  private static final int LENGTH_MAX = 32;

  private Decimals() {}

  /** A factor from 0; an error of the section if it is none. */
  static String factor(Section section, String key, String text, BigDecimal most) {
    try {
      var factor = text.length() > LENGTH_MAX ? null : new BigDecimal(text);
      if (factor != null
          && factor.signum() >= 0
          && Math.abs(factor.scale()) <= DECIMALS_MAX
          && factor.compareTo(most) <= 0) {
        return plain(factor);
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    section.error(
        key,
        "must be a decimal from 0 to "
            + most.toPlainString()
            + ", with at most "
            + DECIMALS_MAX
            + " decimals: "
            + text);
    return "1";
  }

  /** A decimal in its one form. */
  static String plain(BigDecimal decimal) {
    var plain = decimal.stripTrailingZeros();
    return plain.signum() == 0 ? "0" : plain.toPlainString();
  }

  /** An amount above 0, in USD, that whole nano-USD can express; an error of the section if not. */
  static String usd(Section section, String key, String text, String most) {
    try {
      // the length first: an exponent of a billion would make a number of a billion digits
      var amount = text.length() > LENGTH_MAX ? null : new BigDecimal(text);
      if (amount != null
          && amount.signum() > 0
          && Math.abs(amount.scale()) <= DECIMALS_MAX
          && amount.compareTo(new BigDecimal(most)) <= 0) {
        return amount.stripTrailingZeros().toPlainString();
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    section.error(
        key,
        "must be an amount in USD above 0, at most "
            + most
            + ", with at most "
            + DECIMALS_MAX
            + " decimals: "
            + text);
    return "1";
  }
}
