package io.penstock.ingress.catalog;

import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PriceEntry;
import java.time.Instant;
import java.util.Objects;
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
      case OrganizationEntry organization -> organization(organization, old);
      default -> wanted;
    };
  }

  /** A price that has been published never changes: other lines are another version of it. */
  private static PriceEntry price(PriceEntry wanted, @Nullable CatalogEntry old) {
    if (old == null || !(old.getEntry() instanceof PriceEntry present)) {
      return wanted;
    }
    return PriceEntry.newBuilder(wanted)
        .setVersion(same(present, wanted) ? present.getVersion() : present.getVersion() + 1)
        .build();
  }

  /** Whether the same tokens cost the same at all times. */
  private static boolean same(PriceEntry present, PriceEntry wanted) {
    return present.getLines().equals(wanted.getLines())
        && present.getChanges().equals(wanted.getChanges())
        && Objects.equals(present.getBatchFactor(), wanted.getBatchFactor())
        && Objects.equals(present.getEffectiveFrom(), wanted.getEffectiveFrom());
  }

  private static OrganizationEntry organization(
      OrganizationEntry wanted, @Nullable CatalogEntry old) {
    return old != null && old.getEntry() instanceof OrganizationEntry present
        ? OrganizationEntry.newBuilder(wanted)
            .setCredits(Credits.merged(wanted.getCredits(), present.getCredits()))
            .build()
        : wanted;
  }

  private static ApiKeyEntry key(ApiKeyEntry wanted, @Nullable CatalogEntry old, Instant now) {
    var created =
        old != null && old.getEntry() instanceof ApiKeyEntry present ? present.getCreatedAt() : now;
    return ApiKeyEntry.newBuilder(wanted)
        .setCreatedAt(Instant.ofEpochMilli(created.toEpochMilli()))
        .build();
  }
}
