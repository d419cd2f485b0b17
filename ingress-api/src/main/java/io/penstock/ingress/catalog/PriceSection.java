package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeSet;

/** One of {@code prices}. */
final class PriceSection {

  /** Named as the fields of {@code TokenUsage}. */
  private static final Set<String> TOKEN_CLASSES =
      new TreeSet<>(
          Set.of(
              "input_uncached",
              "input_cache_read",
              "input_cache_write_5m",
              "input_cache_write_1h",
              "input_audio",
              "input_image",
              "output_text",
              "output_reasoning",
              "output_audio",
              "output_image"));

  private static final BigDecimal USD_PER_MILLION_MAX = BigDecimal.valueOf(1_000_000);
  private static final int DECIMALS_MAX = 12;

  private PriceSection() {}

  static PriceEntry read(Section section) {
    var lines = new ArrayList<PriceLine>();
    section
        .textMap("lines")
        .forEach(
            (tokenClass, price) -> {
              if (!TOKEN_CLASSES.contains(tokenClass)) {
                section.error(
                    "lines." + tokenClass, "must be one of " + String.join(", ", TOKEN_CLASSES));
              }
              lines.add(
                  PriceLine.newBuilder()
                      .setTokenClass(tokenClass)
                      .setUsdPerMillion(decimal(section, tokenClass, price))
                      .build());
            });
    if (lines.isEmpty()) {
      section.error("lines", "at least one is required");
    }
    return PriceEntry.newBuilder()
        .setName(Names.model(section, "name"))
        .setVersion(1L)
        .setLines(lines)
        .build();
  }

  /** Plain decimals in one form each, so that 0.60 and 0.6 are no difference. */
  private static String decimal(Section section, String tokenClass, String text) {
    try {
      // the length first: an exponent of a billion would make a number of a billion digits
      var price = text.length() > 32 ? null : new BigDecimal(text);
      if (price != null
          && price.signum() >= 0
          && Math.abs(price.scale()) <= DECIMALS_MAX
          && price.compareTo(USD_PER_MILLION_MAX) <= 0) {
        var plain = price.stripTrailingZeros();
        return plain.signum() == 0 ? "0" : plain.toPlainString();
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    section.error(
        "lines." + tokenClass,
        "must be a decimal in USD per million, from 0, with at most "
            + DECIMALS_MAX
            + " decimals: "
            + text);
    return "0";
  }
}
