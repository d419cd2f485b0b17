package io.penstock.router.admit;

import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.money.Money;
import io.penstock.router.budget.Balances;
import io.penstock.router.budget.Budgets;
import io.penstock.router.budget.Budgets.Verdict;
import io.penstock.router.budget.Hold;
import io.penstock.router.pace.Levels;
import io.penstock.router.pace.Paced;
import io.penstock.router.price.CustomerPrice;
import io.penstock.router.select.ModelRoute;
import io.penstock.router.select.PoolHealth;
import io.penstock.router.select.PricedTarget;
import io.penstock.router.select.Question;
import io.penstock.router.select.Selection;
import io.penstock.router.select.Selector;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.ConsideredTarget;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.RouteExplanation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request is served: key, model, pace, price, target, budget, in this order; the first
 * that fails is the answer.
 */
public sealed interface Admission {

  /** Targets that a refusal names at most. */
  int REASONS_MAX = 8;

  /**
   * It is.
   *
   * @param route of the model that was asked for
   * @param selected where it will be served
   * @param customer what its organisation pays
   * @param hold what has to be held for it
   * @param paced what it takes of the limits on its pace
   */
  record Admitted(
      ModelRoute route, Selection.Selected selected, CustomerPrice customer, Hold hold, Paced paced)
      implements Admission {

    private Admitted with(Paced known) {
      return new Admitted(route, selected, customer, hold, known);
    }
  }

  /**
   * It is not.
   *
   * @param explanation what came of looking for targets; absent when it was refused before
   * @param paced what it takes of the limits on its pace nevertheless
   */
  record Refused(Refusal refusal, @Nullable RouteExplanation explanation, Paced paced)
      implements Admission {

    private Refused(Refusal refusal, @Nullable RouteExplanation explanation) {
      this(refusal, explanation, Paced.UNLIMITED);
    }

    private Refused with(Paced known) {
      return new Refused(refusal, explanation, known);
    }
  }

  /** Decides on one request; the caller places the hold, and takes what it takes of limits. */
  static Admission admit(
      InferenceRequested request,
      RoutingTable table,
      PoolHealth health,
      Balances balances,
      Levels levels,
      Instant at) {
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
    if (!allows(key, request.getModel(), route)) {
      return refused(
          ErrorCode.PERMISSION_DENIED,
          "The API key may not use the model '" + request.getModel() + "'.");
    }
    var question = question(request, key, route, table, at);
    var gate = new Gate(request, route, table.limits(key), levels, at);
    var beyond = gate.beyond(question.routes());
    if (beyond != null) {
      return beyond;
    }
    return switch (select(question, route, table, health, balances)) {
      case Admitted admitted -> admitted.with(gate.admitted(admitted.selected()));
      case Refused refused -> refused.with(gate.refusedLater());
    };
  }

  private static Admission select(
      Question question,
      ModelRoute route,
      RoutingTable table,
      PoolHealth health,
      Balances balances) {
    var request = question.request();
    var at = question.at();
    if (question.routes().stream().noneMatch(each -> inForce(each, at))) {
      return route.configured()
          ? refused(
              ErrorCode.PRICE_UNKNOWN,
              "No target of the model '" + request.getModel() + "' has a pool and a known price.")
          : refused(
              ErrorCode.MODEL_NOT_FOUND,
              "The model '" + request.getModel() + "' is served nowhere.");
    }
    var customer = table.customerPrice(request, route, at);
    if (customer instanceof CustomerPrice.Unknown(var rule, var price)) {
      return refused(
          ErrorCode.PRICE_UNKNOWN,
          "The price rule '%s' names the price '%s', which is not known or not in force."
              .formatted(rule, price));
    }
    try {
      return switch (Selector.select(question, health)) {
        case Selection.None(var explanation) ->
            new Refused(noTarget(request, explanation), explanation);
        case Selection.Selected selected ->
            hold(request, route, selected, customer, table, balances, at);
      };
    } catch (ArithmeticException e) {
      return refused(
          ErrorCode.INVALID_REQUEST, "The request allows more tokens than can be priced.");
    } catch (NumberFormatException e) {
      return refused(ErrorCode.INVALID_REQUEST, "A price limit of the request is not a decimal.");
    }
  }

  private static Question question(
      InferenceRequested request,
      ApiKeyEntry key,
      ModelRoute route,
      RoutingTable table,
      Instant at) {
    var routes = new ArrayList<ModelRoute>();
    routes.add(route);
    var refused = new ArrayList<ConsideredTarget>();
    var preferences = request.getPreferences();
    for (var model : preferences == null ? List.<String>of() : preferences.getModels()) {
      var further = table.route(model);
      if (further == null) {
        refused.add(new ConsideredTarget("", model, "skipped", "the model does not exist"));
      } else if (!allows(key, model, further)) {
        refused.add(
            new ConsideredTarget("", model, "skipped", "the API key may not use the model"));
      } else if (!routes.contains(further)) {
        routes.add(further);
      }
    }
    var organization = table.catalog().organization(request.getOrganization());
    return new Question(
        request, routes, refused, organization == null ? null : organization.getResidency(), at);
  }

  private static boolean allows(ApiKeyEntry key, String model, ModelRoute route) {
    var allowed = key.getModels();
    return allowed.isEmpty() || allowed.contains(model) || allowed.contains(route.name());
  }

  private static boolean inForce(ModelRoute route, Instant at) {
    return route.targets().stream().anyMatch(target -> target.at(at) != null);
  }

  private static Refusal noTarget(InferenceRequested request, RouteExplanation explanation) {
    var reasons =
        explanation.getConsidered().stream()
            .limit(REASONS_MAX)
            .map(each -> name(each) + ": " + each.getReason())
            .collect(Collectors.joining("; "));
    return Refusal.of(
        ErrorCode.NO_TARGET,
        "No target of the model '"
            + request.getModel()
            + "' can serve this request ("
            + reasons
            + ").");
  }

  private static String name(ConsideredTarget considered) {
    return considered.getPool().isEmpty()
        ? considered.getUpstreamModel()
        : considered.getPool() + "/" + considered.getUpstreamModel();
  }

  private static Admission hold(
      InferenceRequested request,
      ModelRoute route,
      Selection.Selected selected,
      CustomerPrice customer,
      RoutingTable table,
      Balances balances,
      Instant at) {
    var amount = bound(request, selected.targets(), customer);
    var budgets = table.budgets(request.getOrganization());
    return switch (Budgets.ask(budgets, request, amount, balances, at)) {
      case Verdict.Borne(var hold) ->
          new Admitted(route, selected, customer, hold, Paced.UNLIMITED);
      case Verdict.Exceeded exceeded ->
          new Refused(overBudget(exceeded, amount), selected.explanation());
    };
  }

  /** The dearest target decides, so that a failover needs no second hold. */
  private static Money bound(
      InferenceRequested request, List<PricedTarget> targets, CustomerPrice customer) {
    var amount = Money.ZERO;
    for (var target : targets) {
      var bound = target.bound(request, customer);
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

  private static Admission refused(ErrorCode code, String message) {
    return new Refused(Refusal.of(code, message), null);
  }
}
