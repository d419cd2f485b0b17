package io.penstock.standalone.prices;

import io.penstock.standalone.prices.ImportedPrice.Lines;
import io.penstock.standalone.prices.ImportedPrice.Place;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The section {@code prices} of a catalogue file. */
final class PricesYaml {

  private PricesYaml() {}

  static String write(List<ImportedPrice> prices) {
    var yaml = new StringBuilder("prices: # USD per million\n");
    for (var price : prices) {
      yaml.append("  - name: ").append(quoted(price.name())).append('\n');
      yaml.append("    source: ").append(quoted(price.source())).append('\n');
      var factor = price.batchFactor();
      if (factor != null) {
        yaml.append("    batch-factor: ").append(number(factor)).append('\n');
      }
      lines(yaml, "    ", price.lines());
      if (!price.changes().isEmpty()) {
        yaml.append("    changes:\n");
      }
      for (var change : price.changes()) {
        yaml.append("      - from: ").append(change.from()).append('\n');
        lines(yaml, "        ", change.lines());
      }
    }
    return yaml.toString();
  }

  private static void lines(StringBuilder yaml, String indent, Lines lines) {
    var always = lines.byPlace().getOrDefault(Place.ALWAYS, Map.of());
    yaml.append(indent).append("lines: ").append(flow(always)).append('\n');
    if (lines.byPlace().size() > (always.isEmpty() ? 0 : 1)) {
      yaml.append(indent).append("tiers:\n");
    }
    lines
        .byPlace()
        .forEach(
            (place, prices) -> {
              if (!place.equals(Place.ALWAYS)) {
                yaml.append(indent).append("  - {").append(when(place));
                yaml.append("lines: ").append(flow(prices)).append("}\n");
              }
            });
  }

  private static String when(Place place) {
    var tier = place.serviceTier();
    return (place.inputTokensAbove() == 0
            ? ""
            : "input-tokens-above: " + place.inputTokensAbove() + ", ")
        + (tier == null ? "" : "service-tier: " + tier + ", ");
  }

  private static String flow(Map<String, BigDecimal> prices) {
    return prices.entrySet().stream()
        .map(price -> price.getKey() + ": " + number(price.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /** In quotation marks, so that no reader makes a binary number of it. */
  private static String number(BigDecimal number) {
    return quoted(number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString());
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }
}
