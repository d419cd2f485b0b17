package io.penstock.ingress.catalog;

import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.PriceEntry;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Fills in what a file does not say, because only the catalogue knows it. */
final class Settled {

  private Settled() {}

  /** The entry as it has to be in the catalogue. */
  static SpecificRecord of(SpecificRecord wanted, @Nullable CatalogEntry old, Instant now) {
    return switch (wanted) {
      case PriceEntry price -> price(price, old);
      case ApiKeyEntry key -> key(key, old, now);
      default -> wanted;
    };
  }

  /** A price that has been published never changes: other lines are another version of it. */
  private static PriceEntry price(PriceEntry wanted, @Nullable CatalogEntry old) {
    if (old == null || !(old.getEntry() instanceof PriceEntry present)) {
      return wanted;
    }
    var version =
        present.getLines().equals(wanted.getLines())
            ? present.getVersion()
            : present.getVersion() + 1;
    return PriceEntry.newBuilder(wanted)
        .setVersion(version)
        .setEffectiveFrom(version == present.getVersion() ? present.getEffectiveFrom() : null)
        .build();
  }

  private static ApiKeyEntry key(ApiKeyEntry wanted, @Nullable CatalogEntry old, Instant now) {
    var created =
        old != null && old.getEntry() instanceof ApiKeyEntry present ? present.getCreatedAt() : now;
    return ApiKeyEntry.newBuilder(wanted)
        .setCreatedAt(Instant.ofEpochMilli(created.toEpochMilli()))
        .build();
  }
}
