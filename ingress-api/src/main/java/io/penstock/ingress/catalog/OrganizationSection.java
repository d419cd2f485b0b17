package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.OrganizationEntry;

/** One of {@code organizations}. */
final class OrganizationSection {

  private OrganizationSection() {}

  static OrganizationEntry read(Section section) {
    var id = Names.segment(section, "id");
    if (id.equals(CatalogFile.ADMIN_ORGANIZATION)) {
      section.error("id", "is the administrator's own organisation: " + id);
    }
    var residency = section.textOrNull("residency");
    if (residency != null) {
      Names.segment(section, "residency", residency);
    }
    return OrganizationEntry.newBuilder()
        .setId(id)
        .setName(section.text("name", id))
        .setActive(section.flag("active", true))
        .setResidency(residency)
        .setWebhooks(WebhookSection.read(section))
        .setPrepaid(section.flag("prepaid", false))
        .setCredits(CreditSection.read(section))
        .setPriceRules(PriceRuleSection.read(section))
        .setRateLimits(RateLimitSection.read(section))
        .build();
  }
}
