package io.penstock.ingress.catalog;

import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.CreditGrant;
import io.penstock.schemas.avro.OrganizationEntry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Credit that is added to an organisation; what was added once is never added again. */
public final class Credits {

  /** Grants of one organisation at most: each is looked at before a request is refused. */
  static final int GRANTS_MAX = 1_000;

  private static final int NOTE_LENGTH_MAX = 500;

  private Credits() {}

  /** What becomes of a grant that is added. */
  public sealed interface Added {
    /** It is new. */
    record New(OrganizationEntry organization) implements Added {}

    /** It was there before, the same in all. */
    record Known() implements Added {}

    /** Another one of its id is there. */
    record Other() implements Added {}

    /** There are too many. */
    record Full() implements Added {}
  }

  /**
   * Reads the JSON of a grant.
   *
   * @param id of the grant where it names none; null where it must
   * @throws ConfigException with all errors
   */
  public static CreditGrant parse(String json, @Nullable String id) {
    var section = Section.parse(json);
    var grant = CreditSection.grant(section, id, "amount_usd", "expires_at");
    if (grant.getAmountNanoUsd() == 0) {
      section.error("amount_usd", "must be above 0");
    }
    var note = grant.getNote();
    if (note != null && note.length() > NOTE_LENGTH_MAX) {
      section.error("note", "must have at most " + NOTE_LENGTH_MAX + " characters");
    }
    section.finish();
    return grant;
  }

  /** Adds a grant, unless there is one of its id. */
  public static Added add(OrganizationEntry organization, CreditGrant grant) {
    for (var known : organization.getCredits()) {
      if (known.getId().equals(grant.getId())) {
        return known.equals(grant) ? new Added.Known() : new Added.Other();
      }
    }
    if (organization.getCredits().size() >= GRANTS_MAX) {
      return new Added.Full();
    }
    var grants = new ArrayList<>(organization.getCredits());
    grants.add(grant);
    return new Added.New(OrganizationEntry.newBuilder(organization).setCredits(grants).build());
  }

  /**
   * The credit of an organisation of which a file says something: what was added otherwise stays,
   * because it was paid for. A file takes credit away by naming it with another amount.
   */
  static List<CreditGrant> merged(List<CreditGrant> wanted, List<CreditGrant> present) {
    var merged = new ArrayList<CreditGrant>(present.size() + wanted.size());
    for (var old : present) {
      var named = wanted.stream().filter(each -> each.getId().equals(old.getId())).findFirst();
      merged.add(named.orElse(old));
    }
    for (var grant : wanted) {
      if (present.stream().noneMatch(old -> old.getId().equals(grant.getId()))) {
        merged.add(grant);
      }
    }
    return merged;
  }
}
