package io.penstock.router.admit;

import io.penstock.platform.catalog.Catalog;
import io.penstock.router.budget.Pricing;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.ModelEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot of the catalogue with its routes and budgets resolved, so that no request does it
 * again. Immutable.
 */
public final class RoutingTable {

  /** Widest first: a refusal names the first level that fails. */
  private static final List<BudgetScope> WIDEST_FIRST =
      List.of(
          BudgetScope.ORGANIZATION,
          BudgetScope.TEAM,
          BudgetScope.PROJECT,
          BudgetScope.API_KEY,
          BudgetScope.END_USER,
          BudgetScope.TAG,
          BudgetScope.MODEL);

  private final Catalog catalog;
  private final Map<String, ModelRoute> routes = new HashMap<>();
  private final Map<String, List<BudgetEntry>> budgets = new HashMap<>();

  /**
   * Resolves a snapshot.
   *
   * @param callable whether calls for a pool can be produced; targets of other pools are left out
   */
  public RoutingTable(Catalog catalog, Predicate<String> callable) {
    this.catalog = catalog;
    for (var model : catalog.models()) {
      routes.put(model.getName(), route(catalog, model, callable));
    }
    // a model's own name wins over another's alias
    for (var model : catalog.models()) {
      var route = route(catalog, model, callable);
      model.getAliases().forEach(alias -> routes.putIfAbsent(alias, route));
    }
    for (var organization : catalog.organizations()) {
      var sorted = new ArrayList<>(catalog.budgets(organization.getId()));
      sorted.sort(
          Comparator.<BudgetEntry>comparingInt(budget -> WIDEST_FIRST.indexOf(budget.getScope()))
              .thenComparing(BudgetEntry::getId));
      budgets.put(organization.getId(), List.copyOf(sorted));
    }
  }

  /** The catalogue behind it. */
  public Catalog catalog() {
    return catalog;
  }

  /** The route of a model name or alias. */
  public @Nullable ModelRoute route(String model) {
    return routes.get(model);
  }

  /** Budgets of an organisation, widest scope first. */
  public List<BudgetEntry> budgets(String organization) {
    return budgets.getOrDefault(organization, List.of());
  }

  private static ModelRoute route(Catalog catalog, ModelEntry model, Predicate<String> callable) {
    var targets = new ArrayList<PricedTarget>();
    for (var target : model.getTargets()) {
      var price = catalog.price(target.getPrice());
      if (catalog.pool(target.getPool()) != null
          && callable.test(target.getPool())
          && price != null
          && Pricing.valid(price.getLines())) {
        targets.add(PricedTarget.of(target, price));
      }
    }
    return new ModelRoute(
        model.getName(), targets, model.getTargets().size(), Math.max(1, model.getAttemptsMax()));
  }
}
