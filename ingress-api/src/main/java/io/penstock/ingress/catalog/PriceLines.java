package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.PriceLine;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The {@code lines} and {@code tiers} of a price: at most one line for each class, size of prompt
 * and service tier.
 */
final class PriceLines {

  private static final Set<String> TOKEN_CLASSES =
      TokenClass.ALL.stream().map(TokenClass::wire).collect(Collectors.toCollection(TreeSet::new));

  private static final Pattern TOOL_UNITS = Pattern.compile("tool_units\\.[a-z0-9_.-]{1,64}");
  private static final Pattern SERVICE_TIER = Pattern.compile("[a-z0-9_-]{1,32}");

  /** Names of the ordinary tier: its lines are those without one. */
  private static final Set<String> ORDINARY =
      Set.of("default", "standard", "standard_only", "on_demand", "auto");

  private static final BigDecimal USD_PER_MILLION_MAX = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal USD_PER_MILLION_UNITS_MAX = BigDecimal.valueOf(1_000_000_000);
  private static final int DECIMALS_MAX = 12;
  private static final long TOKENS_MAX = 100_000_000;

  private PriceLines() {}

  static List<PriceLine> read(Section section) {
    var lines = new ArrayList<PriceLine>();
    read(section, 0, null, lines);
    if (lines.isEmpty()) {
      section.error("lines", "at least one is required");
    }
    for (var tier : section.sections("tiers")) {
      var above = tier.number("input-tokens-above", 0, 0, TOKENS_MAX);
      var service = serviceTier(tier);
      if (above == 0 && service == null) {
        tier.error("input-tokens-above", "this or service-tier is required");
      }
      var before = lines.size();
      read(tier, above, service, lines);
      if (lines.size() == before) {
        tier.error("lines", "at least one is required");
      }
    }
    refuseOverlap(section, lines);
    return lines;
  }

  private static void read(
      Section section, long above, @Nullable String serviceTier, List<PriceLine> lines) {
    section
        .textMap("lines")
        .forEach(
            (tokenClass, price) -> {
              var units = TOOL_UNITS.matcher(tokenClass).matches();
              if (!units && !TOKEN_CLASSES.contains(tokenClass)) {
                section.error(
                    "lines." + tokenClass,
                    "must be one of "
                        + String.join(", ", TOKEN_CLASSES)
                        + ", or tool_units. and the name of a unit");
              }
              var most = units ? USD_PER_MILLION_UNITS_MAX : USD_PER_MILLION_MAX;
              lines.add(
                  PriceLine.newBuilder()
                      .setTokenClass(tokenClass)
                      .setUsdPerMillion(decimal(section, tokenClass, price, most))
                      .setInputTokensAbove(above)
                      .setServiceTier(serviceTier)
                      .build());
            });
  }

  private static @Nullable String serviceTier(Section tier) {
    var text = tier.textOrNull("service-tier");
    if (text == null) {
      return null;
    }
    var name = text.toLowerCase(Locale.ROOT);
    if (!SERVICE_TIER.matcher(name).matches() || ORDINARY.contains(name)) {
      tier.error(
          "service-tier",
          "must be a tier such as flex or priority; lines without one are those of the ordinary"
              + " tier: "
              + text);
    }
    return name;
  }

  private static void refuseOverlap(Section section, List<PriceLine> lines) {
    var places = new HashSet<String>();
    for (var line : lines) {
      var place = place(line);
      if (!places.add(place)) {
        section.error("tiers", "there are two lines for " + place);
      }
    }
  }

  /** What a line is for, for people: unique within a price. */
  static String place(PriceLine line) {
    var above = line.getInputTokensAbove();
    return line.getTokenClass()
        + (above == 0 ? "" : " above " + above)
        + (line.getServiceTier() == null ? "" : " " + line.getServiceTier());
  }

  /** Plain decimals in one form each, so that 0.60 and 0.6 are no difference. */
  private static String decimal(Section section, String tokenClass, String text, BigDecimal most) {
    try {
      // the length first: an exponent of a billion would make a number of a billion digits
      var price = text.length() > 32 ? null : new BigDecimal(text);
      if (price != null
          && price.signum() >= 0
          && Math.abs(price.scale()) <= DECIMALS_MAX
          && price.compareTo(most) <= 0) {
        return Decimals.plain(price);
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
