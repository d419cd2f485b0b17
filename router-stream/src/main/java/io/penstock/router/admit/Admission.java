package io.penstock.router.admit;

import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.money.Money;
import io.penstock.router.budget.Balances;
import io.penstock.router.budget.Hold;
import io.penstock.router.budget.Need;
import io.penstock.router.budget.Subject;
import io.penstock.router.budget.Verdict;
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
   * @param exceeded the budget that did not bear it; absent when that was not the reason
   */
  record Refused(
      Refusal refusal,
      @Nullable RouteExplanation explanation,
      Paced paced,
      Verdict.@Nullable Exceeded exceeded)
      implements Admission {

    Refused(Refusal refusal, @Nullable RouteExplanation explanation, Paced paced) {
      this(refusal, explanation, paced, null);
    }

    Refused(Refusal refusal, @Nullable RouteExplanation explanation) {
      this(refusal, explanation, Paced.UNLIMITED);
    }

    private Refused with(Paced known) {
      return new Refused(refusal, explanation, known, exceeded);
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
    var gate = new Gate(request, route, table.limits(key), levels, at);
    var subject = new Subject(request, route.name());
    var book = table.budgets(request.getOrganization());
    var cheaper = Cheaper.of(book.cheaper(subject, balances, at), route, key, table);
    var question = question(request, key, route, cheaper, table, at);
    var admission = serve(question, subject, gate, table, health, balances);
    if (cheaper != null || !(admission instanceof Refused refused) || refused.exceeded() == null) {
      return admission;
    }
    // rather a cheaper answer than none
    cheaper = Cheaper.of(book.beforeRefusing(subject, refused.exceeded()), route, key, table);
    if (cheaper == null) {
      return admission;
    }
    question = question(request, key, route, cheaper, table, at);
    var second = serve(question, subject, gate, table, health, balances);
    return second instanceof Admitted ? second : admission;
  }

  private static Admission serve(
      Question question,
      Subject subject,
      Gate gate,
      RoutingTable table,
      PoolHealth health,
      Balances balances) {
    var beyond = gate.beyond(question.routes());
    if (beyond != null) {
      return beyond;
    }
    return switch (select(question, subject, table, health, balances)) {
      case Admitted admitted -> admitted.with(gate.admitted(admitted.selected()));
      case Refused refused -> refused.with(gate.refusedLater());
    };
  }

  private static Admission select(
      Question question,
      Subject subject,
      RoutingTable table,
      PoolHealth health,
      Balances balances) {
    var route = question.routes().getFirst();
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
    var customer = question.customer();
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
            hold(subject, route, selected, customer, table, balances, at);
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
      @Nullable Cheaper cheaper,
      RoutingTable table,
      Instant at) {
    var routes = new ArrayList<ModelRoute>();
    var refused = new ArrayList<ConsideredTarget>();
    if (cheaper == null) {
      routes.add(route);
    } else {
      routes.add(cheaper.route());
      refused.add(cheaper.note());
    }
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
        request,
        routes,
        refused,
        table.customerPrice(request, routes.getFirst(), at),
        organization == null ? null : organization.getResidency(),
        at);
  }

  static boolean allows(ApiKeyEntry key, String model, ModelRoute route) {
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
      Subject subject,
      ModelRoute route,
      Selection.Selected selected,
      CustomerPrice customer,
      RoutingTable table,
      Balances balances,
      Instant at) {
    var request = subject.request();
    var need = need(request, selected.targets(), customer);
    var budgets = table.budgets(request.getOrganization());
    return switch (budgets.ask(subject, need, balances, at)) {
      case Verdict.Borne(var hold) ->
          new Admitted(route, selected, customer, hold, Paced.UNLIMITED);
      case Verdict.Exceeded exceeded ->
          new Refused(Shortage.of(exceeded), selected.explanation(), Paced.UNLIMITED, exceeded);
      case Verdict.OutOfCredit lacking -> new Refused(Shortage.of(lacking), selected.explanation());
    };
  }

  /** The dearest target decides, so that a failover needs no second hold. */
  private static Need need(
      InferenceRequested request, List<PricedTarget> targets, CustomerPrice customer) {
    var amount = Money.ZERO;
    var tokens = 0L;
    for (var target : targets) {
      var bound = target.bound(request, customer);
      amount = bound.compareTo(amount) > 0 ? bound : amount;
      tokens = Math.max(tokens, target.tokensBound(request));
    }
    return new Need(amount, tokens);
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
