package io.penstock.ingress.catalog;

import io.penstock.schemas.avro.PriceChange;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How one version of a price differs from another, line by line, in percent. */
final class PriceChanges {

  /** A published price that changes by more is taken for a slip. */
  private static final BigDecimal JUMP_PERCENT = BigDecimal.valueOf(90);

  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private PriceChanges() {}

  /**
   * One line that differs.
   *
   * @param text for people
   * @param jump whether it is so much that it may be a slip
   */
  record Change(String text, boolean jump) {}

  /** All that differs, for people: one text each. */
  static List<String> texts(PriceEntry old, PriceEntry wanted) {
    var texts = new ArrayList<String>();
    if (old.getVersion() != wanted.getVersion()) {
      texts.add("version " + old.getVersion() + " → " + wanted.getVersion());
    }
    var lines = lines(old.getLines(), wanted.getLines());
    if (!lines.isEmpty()) {
      texts.add("lines " + String.join("; ", lines.stream().map(Change::text).toList()));
    }
    field(texts, "effective_from", old.getEffectiveFrom(), wanted.getEffectiveFrom());
    field(texts, "batch_factor", old.getBatchFactor(), wanted.getBatchFactor());
    for (var change : wanted.getChanges()) {
      if (!old.getChanges().contains(change)) {
        var differences = lines(before(wanted, change), change.getLines());
        texts.add(
            "from "
                + change.getFrom()
                + " "
                + String.join("; ", differences.stream().map(Change::text).toList()));
      }
    }
    for (var change : old.getChanges()) {
      if (!wanted.getChanges().contains(change)) {
        texts.add("no longer from " + change.getFrom());
      }
    }
    field(texts, "source", old.getSource(), wanted.getSource());
    return texts;
  }

  /** Changes so great that they may be slips; what was published before is not asked again. */
  static List<String> jumps(PriceEntry old, PriceEntry wanted) {
    var jumps = new ArrayList<String>();
    for (var change : lines(old.getLines(), wanted.getLines())) {
      if (change.jump()) {
        jumps.add(change.text());
      }
    }
    for (var change : wanted.getChanges()) {
      if (!old.getChanges().contains(change)) {
        for (var line : lines(before(wanted, change), change.getLines())) {
          if (line.jump()) {
            jumps.add("from " + change.getFrom() + " " + line.text());
          }
        }
      }
    }
    return jumps;
  }

  private static void field(
      List<String> texts, String name, @Nullable Object old, @Nullable Object wanted) {
    if (!Objects.equals(old, wanted)) {
      texts.add(name + " " + old + " → " + wanted);
    }
  }

  private static List<PriceLine> before(PriceEntry price, PriceChange change) {
    var lines = price.getLines();
    Instant latest = Instant.MIN;
    for (var other : price.getChanges()) {
      if (other.getFrom().isBefore(change.getFrom()) && other.getFrom().isAfter(latest)) {
        lines = other.getLines();
        latest = other.getFrom();
      }
    }
    return lines;
  }

  private static List<Change> lines(List<PriceLine> old, List<PriceLine> wanted) {
    var before = byPlace(old);
    var after = byPlace(wanted);
    var changes = new ArrayList<Change>();
    after.forEach(
        (place, price) -> {
          var published = before.get(place);
          if (published == null) {
            changes.add(new Change(place + " + " + price.toPlainString(), false));
          } else if (published.compareTo(price) != 0) {
            changes.add(change(place, published, price));
          }
        });
    before.forEach(
        (place, price) -> {
          if (!after.containsKey(place)) {
            changes.add(new Change(place + " - " + price.toPlainString(), false));
          }
        });
    return changes;
  }

  private static Map<String, BigDecimal> byPlace(List<PriceLine> lines) {
    var places = new LinkedHashMap<String, BigDecimal>();
    for (var line : lines) {
      places.put(PriceLines.place(line), new BigDecimal(line.getUsdPerMillion()));
    }
    return places;
  }

  private static Change change(String place, BigDecimal old, BigDecimal wanted) {
    var step = place + " " + old.toPlainString() + " → " + wanted.toPlainString();
    if (old.signum() == 0) {
      return new Change(step + " (was free, a jump)", true);
    }
    var percent = wanted.subtract(old).multiply(HUNDRED).divide(old, 4, RoundingMode.HALF_EVEN);
    var jump = percent.abs().compareTo(JUMP_PERCENT) > 0;
    var told = percent.setScale(1, RoundingMode.HALF_EVEN).toPlainString();
    return new Change(
        step + " (" + (percent.signum() > 0 ? "+" : "") + told + " %" + (jump ? ", a jump)" : ")"),
        jump);
  }
}
