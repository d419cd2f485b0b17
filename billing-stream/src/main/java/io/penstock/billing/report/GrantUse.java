package io.penstock.billing.report;

import io.penstock.billing.ledger.Accounts;
import io.penstock.billing.ledger.Books;
import io.penstock.schemas.avro.CreditGrant;
import io.penstock.schemas.avro.OrganizationEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A grant of credit, and what was paid from it.
 *
 * @param grant as the catalogue has it; null when it was removed after something was paid from it
 * @param usedNanoUsd what was posted on its account
 */
public record GrantUse(String id, @Nullable CreditGrant grant, long usedNanoUsd) {

  private static final Comparator<CreditGrant> ORDER =
      Comparator.comparingInt(CreditGrant::getPriority)
          .thenComparing(grant -> grant.getExpiresAt() == null ? Instant.MAX : grant.getExpiresAt())
          .thenComparing(CreditGrant::getId);

  /** All grants of an organisation in the order in which they are used, removed ones last. */
  public static List<GrantUse> of(Books books, @Nullable OrganizationEntry organization) {
    var uses = new ArrayList<GrantUse>();
    var known = organization == null ? List.<CreditGrant>of() : organization.getCredits();
    for (var grant : known.stream().sorted(ORDER).toList()) {
      uses.add(new GrantUse(grant.getId(), grant, used(books, grant.getId())));
    }
    for (var account : books.accounts().keySet()) {
      var id = Accounts.grant(account);
      if (id != null && known.stream().noneMatch(grant -> grant.getId().equals(id))) {
        uses.add(new GrantUse(id, null, used(books, id)));
      }
    }
    return List.copyOf(uses);
  }

  private static long used(Books books, String id) {
    var balance = books.accounts().get(Accounts.credit(id));
    return balance == null
        ? 0
        : Math.subtractExact(balance.debitsNanoUsd(), balance.creditsNanoUsd());
  }

  /** What is left of a grant, nano-USD: its amount less what was posted; 0 of a removed one. */
  public long leftNanoUsd() {
    return grant == null ? 0 : Math.subtractExact(grant.getAmountNanoUsd(), usedNanoUsd);
  }
}
