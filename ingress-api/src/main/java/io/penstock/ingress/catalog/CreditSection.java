package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.CreditGrant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code credits} of an organisation. */
final class CreditSection {

  private static final int PRIORITY_MAX = 1_000_000;

  private CreditSection() {}

  static List<CreditGrant> read(Section organization) {
    var grants = new ArrayList<CreditGrant>();
    var ids = new HashSet<String>();
    for (var section : organization.sections("credits")) {
      var grant = grant(section, null, "amount", "expires-at");
      if (!grant.getId().isEmpty() && !ids.add(grant.getId())) {
        section.error("id", "there is another credit of this id: " + grant.getId());
      }
      grants.add(grant);
    }
    return grants;
  }

  /**
   * One grant.
   *
   * @param id where the section has none; null where it must
   * @param amount name of the key that says how much
   * @param expiry name of the key that says until when
   */
  static CreditGrant grant(Section section, @Nullable String id, String amount, String expiry) {
    return CreditGrant.newBuilder()
        .setId(id == null || section.has("id") ? Names.segment(section, "id") : id)
        .setAmountNanoUsd(Amounts.usd(section, amount))
        .setPriority((int) section.number("priority", 0, -PRIORITY_MAX, PRIORITY_MAX))
        .setExpiresAt(Times.instantOrNull(section, expiry))
        .setPaid(section.flag("paid", true))
        .setNote(section.textOrNull("note"))
        .build();
  }
}
