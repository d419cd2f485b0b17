package io.penstock.router.admit;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.money.Money;
import io.penstock.router.budget.BudgetBook;
import io.penstock.router.pace.Limit;
import io.penstock.router.price.CustomerPrice;
import io.penstock.router.price.CustomerPrices;
import io.penstock.router.price.UnknownPrices;
import io.penstock.router.select.ModelRoute;
import io.penstock.router.select.PricedTarget;
import io.penstock.router.select.Rule;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.ConsideredTarget;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.RateLimit;
import io.penstock.schemas.avro.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot of the catalogue with its routes and budgets resolved, so that no request does it
 * again. Immutable.
 */
public final class RoutingTable {

  private final Catalog catalog;
  private final Map<String, ModelRoute> routes = new HashMap<>();
  private final Map<String, Long> windows = new HashMap<>();
  private final Map<String, BudgetBook> budgets = new HashMap<>();
  private final Map<String, CustomerPrices> customers = new HashMap<>();
  private final Map<String, List<Limit>> limits = new HashMap<>();

  /**
   * Resolves a snapshot.
   *
   * @param callable whether calls for a pool can be produced; targets of other pools are left out
   */
  public RoutingTable(Catalog catalog, Predicate<String> callable) {
    this.catalog = catalog;
    for (var model : catalog.models()) {
      var route = route(catalog, model, callable);
      routes.put(model.getName(), route);
      route.targets().forEach(this::remember);
    }
    // a model's own name wins over another's alias
    for (var model : catalog.models()) {
      var route = Objects.requireNonNull(routes.get(model.getName()));
      model.getAliases().forEach(alias -> routes.putIfAbsent(alias, route));
    }
    for (var organization : catalog.organizations()) {
      var id = organization.getId();
      budgets.put(id, BudgetBook.of(organization, catalog.budgets(id), this::ownName));
      customers.put(id, CustomerPrices.of(organization, catalog::price));
      limits.put(id, limits(organization));
    }
  }

  private List<Limit> limits(OrganizationEntry organization) {
    return organization.getRateLimits().stream()
        .sorted(
            Comparator.<RateLimit>comparingInt(limit -> BudgetBook.breadth(limit.getScope()))
                .thenComparing(RateLimit::getId))
        .map(limit -> Limit.of(limit, this::ownName))
        .toList();
  }

  /** A model's own name for any of its names; a name that leads nowhere stands for itself. */
  public String ownName(String model) {
    var route = routes.get(model);
    return route == null ? model : route.name();
  }

  private void remember(PricedTarget target) {
    var window = target.traits().contextWindow();
    if (window != null) {
      windows.merge(target.name(), window, Math::max);
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

  /** Budgets and credit of an organisation. */
  public BudgetBook budgets(String organization) {
    return budgets.getOrDefault(organization, BudgetBook.EMPTY);
  }

  /**
   * What an organisation pays for a request.
   *
   * @param route that serves it: of another model than it asks for where a budget runs low
   */
  CustomerPrice customerPrice(InferenceRequested request, ModelRoute route, Instant at) {
    var asked = request.getModel();
    var names =
        route.equals(routes.get(asked)) ? List.of(asked, route.name()) : List.of(route.name());
    return customers
        .getOrDefault(request.getOrganization(), CustomerPrices.NONE)
        .of(request, names, at);
  }

  /** Limits on the pace of a key's requests: its organisation's, widest first, then its own. */
  public List<Limit> limits(ApiKeyEntry key) {
    var shared = limits.getOrDefault(key.getOrganization(), List.of());
    var own = Limit.of(key);
    if (own == null) {
      return shared;
    }
    var all = new ArrayList<>(shared);
    all.add(own);
    return all;
  }

  /** Context window of a model at a provider as the catalogue has it now; absent when unknown. */
  public @Nullable Long contextWindow(String pool, String upstreamModel) {
    return windows.get(pool + "/" + upstreamModel);
  }

  private static ModelRoute route(Catalog catalog, ModelEntry model, Predicate<String> callable) {
    var targets = new ArrayList<PricedTarget>();
    var unusable = new ArrayList<ConsideredTarget>();
    for (var target : model.getTargets()) {
      var pool = catalog.pool(target.getPool());
      var price = UnknownPrices.schedule(model, target, catalog::price);
      if (pool == null || !callable.test(target.getPool())) {
        unusable.add(unusable(target, "its pool cannot be called"));
      } else if (price == null) {
        unusable.add(unusable(target, "its price is not known"));
      } else {
        targets.add(PricedTarget.of(model.getName(), target, pool, price));
      }
    }
    var rules = new ArrayList<Rule>();
    for (var rule : model.getRules()) {
      rules.add(Rule.of(rules.size() + 1, rule));
    }
    return new ModelRoute(
        model.getName(),
        model.getStrategy(),
        targets,
        unusable,
        rules,
        Math.max(1, model.getAttemptsMax()),
        costMax(model),
        model.getPolicy());
  }

  private static ConsideredTarget unusable(Target target, String reason) {
    return new ConsideredTarget(target.getPool(), target.getUpstreamModel(), "skipped", reason);
  }

  /** A limit that nobody can read allows one call and no more: it must not be ignored. */
  private static @Nullable Long costMax(ModelEntry model) {
    var limit = model.getCostMaxUsd();
    if (limit == null) {
      return null;
    }
    try {
      return Money.ofUsd(limit).nanoUsd();
    } catch (ArithmeticException | NumberFormatException e) {
      return 0L;
    }
  }
}
