package io.penstock.router.admit;

import io.penstock.router.budget.BudgetBook;
import io.penstock.router.select.ModelRoute;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.ConsideredTarget;
import org.jspecify.annotations.Nullable;

/**
 * Another model that serves a request, because a budget runs low.
 *
 * @param route of that model
 * @param note for the explanation of the route
 */
record Cheaper(ModelRoute route, ConsideredTarget note) {

  /** What a budget wants, as far as it exists and the key may use it; absent otherwise. */
  static @Nullable Cheaper of(
      BudgetBook.@Nullable Cheaper wanted, ModelRoute asked, ApiKeyEntry key, RoutingTable table) {
    if (wanted == null) {
      return null;
    }
    var route = table.route(wanted.model());
    if (route == null || route.equals(asked) || !Admission.allows(key, wanted.model(), route)) {
      return null;
    }
    return new Cheaper(route, new ConsideredTarget("", asked.name(), "skipped", wanted.reason()));
  }
}
