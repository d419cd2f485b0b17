package io.penstock.router;

import io.penstock.platform.catalog.Catalog;
import io.penstock.router.admit.RoutingTable;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.RateLimit;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** The small installation with limits on the pace of its requests. */
public final class PacedFixtures {

  private PacedFixtures() {}

  /** Limits of the organisation. */
  public static RoutingTable table(RateLimit.Builder... limits) {
    return new RoutingTable(catalog(_ -> {}, List.of(limits)), _ -> true);
  }

  /** Limits of the key itself. */
  public static RoutingTable ofKey(Consumer<ApiKeyEntry> change) {
    return new RoutingTable(catalog(change, List.of()), _ -> true);
  }

  private static Catalog catalog(
      Consumer<ApiKeyEntry> change, List<RateLimit.Builder> limits, BudgetEntry... budgets) {
    var entries = new HashMap<String, CatalogEntry>(Fixtures.catalog(budgets).entries());
    var organization =
        (OrganizationEntry)
            Objects.requireNonNull(entries.get("organization/" + Fixtures.ACME)).getEntry();
    organization.setRateLimits(limits.stream().map(RateLimit.Builder::build).toList());
    change.accept(
        (ApiKeyEntry) Objects.requireNonNull(entries.get("key/" + Fixtures.KEY)).getEntry());
    return new Catalog(entries);
  }

  /** Limits of the organisation besides budgets. */
  public static RoutingTable table(BudgetEntry budget, RateLimit.Builder... limits) {
    return new RoutingTable(catalog(_ -> {}, List.of(limits), budget), _ -> true);
  }

  public static RateLimit.Builder limit(String id, BudgetScope scope) {
    return RateLimit.newBuilder().setId(id).setScope(scope);
  }
}
