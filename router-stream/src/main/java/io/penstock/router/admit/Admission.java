package io.penstock.router.admit;

import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.money.Money;
import io.penstock.router.budget.Balances;
import io.penstock.router.budget.Budgets;
import io.penstock.router.budget.Budgets.Verdict;
import io.penstock.router.budget.Hold;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.InferenceRequested;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Whether a request is served: key, model, price, route, budget, in this order; the first that
 * fails is the answer.
 */
public sealed interface Admission {

  /**
   * It is.
   *
   * @param route where
   * @param targets those of the route whose price is in force, at least one
   * @param hold what has to be held for it
   */
  record Admitted(ModelRoute route, List<PricedTarget> targets, Hold hold) implements Admission {}

  /** It is not. */
  record Refused(Refusal refusal) implements Admission {}

  /** Decides on one request; the caller places the hold. */
  static Admission admit(
      InferenceRequested request, RoutingTable table, Balances balances, Instant at) {
    var key = table.catalog().key(request.getApiKey());
    if (key == null || !usable(table.catalog(), key, request, at)) {
      return refused(
          ErrorCode.INVALID_API_KEY, "The API key is not known, no longer active or expired.");
    }
    var route = table.route(request.getModel());
    if (route == null) {
      return refused(
          ErrorCode.MODEL_NOT_FOUND, "The model '" + request.getModel() + "' does not exist.");
    }
    var allowed = key.getModels();
    if (!allowed.isEmpty()
        && !allowed.contains(request.getModel())
        && !allowed.contains(route.name())) {
      return refused(
          ErrorCode.PERMISSION_DENIED,
          "The API key may not use the model '" + request.getModel() + "'.");
    }
    var targets = inForce(route.targets(), at);
    if (targets.isEmpty()) {
      return route.configured() == 0
          ? refused(
              ErrorCode.MODEL_NOT_FOUND,
              "The model '" + request.getModel() + "' is served nowhere.")
          : refused(
              ErrorCode.PRICE_UNKNOWN,
              "No target of the model '" + request.getModel() + "' has a pool and a known price.");
    }
    return hold(request, route, targets, table, balances, at);
  }

  private static Admission hold(
      InferenceRequested request,
      ModelRoute route,
      List<PricedTarget> targets,
      RoutingTable table,
      Balances balances,
      Instant at) {
    try {
      var amount = bound(request, targets);
      var budgets = table.budgets(request.getOrganization());
      return switch (Budgets.ask(budgets, request, amount, balances, at)) {
        case Verdict.Borne(var hold) -> new Admitted(route, targets, hold);
        case Verdict.Exceeded exceeded -> new Refused(overBudget(exceeded, amount));
      };
    } catch (ArithmeticException e) {
      return refused(
          ErrorCode.INVALID_REQUEST, "The request allows more tokens than can be priced.");
    }
  }

  /** The dearest target decides, so that a failover needs no second hold. */
  private static Money bound(InferenceRequested request, List<PricedTarget> targets) {
    var amount = Money.ZERO;
    for (var target : targets) {
      var bound = target.bound(request.getFacts(), request.getSurface());
      amount = bound.compareTo(amount) > 0 ? bound : amount;
    }
    return amount;
  }

  private static Refusal overBudget(Verdict.Exceeded exceeded, Money needed) {
    var budget = exceeded.budget();
    var scope = budget.getScope().name().toLowerCase(Locale.ROOT);
    var limit = new Money(budget.getLimitNanoUsd());
    var details = new TreeMap<String, String>();
    details.put("budget", budget.getId());
    details.put("scope", scope);
    details.put("limit_usd", limit.usd());
    details.put("left_usd", exceeded.left().usd());
    details.put("needed_usd", needed.usd());
    var message =
        "The budget '%s' (%s) of %s USD has %s USD left, and up to %s USD are needed"
            .formatted(budget.getId(), scope, limit.usd(), exceeded.left().usd(), needed.usd());
    var resetsAt = exceeded.resetsAt();
    if (resetsAt == null) {
      return new Refusal(ErrorCode.BUDGET_EXCEEDED, message + ".", details);
    }
    details.put("resets_at", resetsAt.toString());
    return new Refusal(
        ErrorCode.BUDGET_EXCEEDED, message + "; it starts anew at " + resetsAt + ".", details);
  }

  private static boolean usable(
      Catalog catalog, ApiKeyEntry key, InferenceRequested request, Instant at) {
    return key.getOrganization().equals(request.getOrganization())
        && ApiKeys.usable(catalog, key, at);
  }

  private static List<PricedTarget> inForce(List<PricedTarget> targets, Instant at) {
    for (var target : targets) {
      if (!target.pricedAt(at)) {
        return targets.stream().filter(each -> each.pricedAt(at)).toList();
      }
    }
    return targets;
  }

  private static Admission refused(ErrorCode code, String message) {
    return new Refused(Refusal.of(code, message));
  }
}
