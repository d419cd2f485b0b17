package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.PriceChange;
import io.penstock.schemas.avro.PriceEntry;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of {@code prices}. */
final class PriceSection {

  private static final int SOURCE_LENGTH_MAX = 256;

  private PriceSection() {}

  static PriceEntry read(Section section) {
    var effectiveFrom = Times.instantOrNull(section, "effective-from");
    var source = section.textOrNull("source");
    if (source != null && source.length() > SOURCE_LENGTH_MAX) {
      section.error("source", "must have at most " + SOURCE_LENGTH_MAX + " characters");
    }
    return PriceEntry.newBuilder()
        .setName(Names.model(section, "name"))
        .setVersion(1L)
        .setLines(PriceLines.read(section))
        .setEffectiveFrom(effectiveFrom)
        .setChanges(changes(section, effectiveFrom))
        .setBatchFactor(batchFactor(section))
        .setSource(source)
        .build();
  }

  private static List<PriceChange> changes(Section price, @Nullable Instant effectiveFrom) {
    var changes = new ArrayList<PriceChange>();
    var latest = effectiveFrom;
    for (var section : price.sections("changes")) {
      var from = Times.instantOrNull(section, "from");
      var lines = PriceLines.read(section);
      if (from == null) {
        if (!section.has("from")) {
          section.error("from", "is required");
        }
        continue;
      }
      if (latest != null && !from.isAfter(latest)) {
        section.error("from", "must be after what comes before it, " + latest + ": " + from);
      }
      latest = from;
      changes.add(new PriceChange(from, lines));
    }
    return changes;
  }

  private static @Nullable String batchFactor(Section section) {
    var text = section.textOrNull("batch-factor");
    if (text == null) {
      return null;
    }
    var factor = Decimals.factor(section, "batch-factor", text, BigDecimal.ONE);
    return factor.equals("1") ? null : factor;
  }
}
