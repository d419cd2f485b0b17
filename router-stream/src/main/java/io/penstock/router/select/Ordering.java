package io.penstock.router.select;

import io.penstock.platform.rules.Conditions;
import io.penstock.schemas.avro.Strategy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts the targets of one model in order. */
final class Ordering {

  /** Latencies that differ by no more than this many percent are the same. */
  private static final long SAME_PERCENT = 10;

  private Ordering() {}

  /**
   * A target in its place.
   *
   * @param reason why it is there, for people
   * @param preferred false when a rule names others: it serves only when none of those can
   */
  record Ranked(PricedTarget target, String reason, boolean preferred) {

    Ranked because(String other) {
      return new Ranked(target, other, preferred);
    }
  }

  /**
   * Targets in order.
   *
   * @param strategy by which
   * @param failures rules that could not be asked
   */
  record Ordered(Strategy strategy, List<Ranked> targets, List<String> failures) {}

  /** Orders the targets of a route whose price is in force. */
  static Ordered order(ModelRoute route, Question question, PoolHealth health) {
    var strategy = strategy(route, question);
    var targets = inForce(route, question.at());
    var failures = new ArrayList<String>();
    var ranked =
        switch (strategy) {
          case PRIORITY -> byPriority(targets);
          case WEIGHTED -> byWeight(targets, question.request().getRequestId());
          case CHEAPEST -> byPrice(targets, question);
          case FASTEST -> byLatency(targets, health);
          case RULES -> byRule(route.rules(), targets, question, failures);
        };
    return new Ordered(strategy, named(ranked, question.preferences().getOrder()), failures);
  }

  private static List<PricedTarget> inForce(ModelRoute route, Instant at) {
    var targets = new ArrayList<PricedTarget>(route.targets().size());
    for (var target : route.targets()) {
      var priced = target.at(at);
      if (priced != null) {
        targets.add(priced);
      }
    }
    return targets;
  }

  private static Strategy strategy(ModelRoute route, Question question) {
    return switch (question.preferences().getSort()) {
      case "price" -> Strategy.CHEAPEST;
      case "latency" -> Strategy.FASTEST;
      case null, default -> route.strategy();
    };
  }

  private static List<Ranked> byPriority(List<PricedTarget> targets) {
    var ranked = new ArrayList<Ranked>(targets.size());
    for (var target : targets) {
      ranked.add(new Ranked(target, "priority " + (ranked.size() + 1), true));
    }
    return ranked;
  }

  /** Draws without putting back; a weight of 0 is drawn last, in the order of the catalogue. */
  private static List<Ranked> byWeight(List<PricedTarget> targets, String requestId) {
    var left = new ArrayList<>(targets);
    var ranked = new ArrayList<Ranked>(targets.size());
    for (var total = total(left); total > 0; total = total(left)) {
      var ticket = RequestHash.below(requestId, ranked.size(), total);
      var drawn = 0;
      while (ticket >= weight(left.get(drawn))) {
        ticket -= weight(left.get(drawn));
        drawn++;
      }
      var target = left.remove(drawn);
      ranked.add(new Ranked(target, "weight " + weight(target) + " of " + total, true));
    }
    left.forEach(target -> ranked.add(new Ranked(target, "weight 0", true)));
    return ranked;
  }

  private static long total(List<PricedTarget> targets) {
    var total = 0L;
    for (var target : targets) {
      total += weight(target);
    }
    return total;
  }

  private static int weight(PricedTarget target) {
    return Math.max(0, target.traits().weight());
  }

  /** By what providers bill; what the caller may be told of it is what it is charged. */
  private static List<Ranked> byPrice(List<PricedTarget> targets, Question question) {
    var request = question.request();
    return targets.stream()
        .sorted(Comparator.comparing(target -> target.bound(request)))
        .map(target -> new Ranked(target, charge(target, question), true))
        .toList();
  }

  private static String charge(PricedTarget target, Question question) {
    return "at most " + target.bound(question.request(), question.customer()).usd() + " USD";
  }

  /**
   * Unmeasured targets get a try a second; then the fast ones in the order of the catalogue, which
   * keeps small differences from sending everybody to and fro; then the others.
   */
  private static List<Ranked> byLatency(List<PricedTarget> targets, PoolHealth health) {
    var best = Long.MAX_VALUE;
    for (var target : targets) {
      var measured = measured(target, health);
      best = measured == null ? best : Math.min(best, measured);
    }
    var fast = best == Long.MAX_VALUE ? best : best + best * SAME_PERCENT / 100;
    var places = new IdentityHashMap<PricedTarget, Long>();
    for (var target : targets) {
      var condition = health.of(target.pinned().getPool(), target.pinned().getUpstreamModel());
      var measured = condition.firstByteMillis();
      places.put(
          target,
          measured != null
              ? measured <= fast ? 0L : measured
              : condition.tried() ? Long.MAX_VALUE : -1L);
    }
    return targets.stream()
        .sorted(Comparator.comparing(places::get))
        .map(target -> new Ranked(target, latency(measured(target, health)), true))
        .toList();
  }

  private static @Nullable Long measured(PricedTarget target, PoolHealth health) {
    return health
        .of(target.pinned().getPool(), target.pinned().getUpstreamModel())
        .firstByteMillis();
  }

  private static String latency(@Nullable Long measured) {
    return measured == null ? "latency not yet known" : "first byte after " + measured + " ms";
  }

  private static List<Ranked> byRule(
      List<Rule> rules, List<PricedTarget> targets, Question question, List<String> failures) {
    var holds =
        rules.isEmpty() ? null : first(rules, Conditions.facts(question.request()), failures);
    if (holds == null) {
      return byPriority(targets).stream()
          .map(ranked -> ranked.because("no rule holds, " + ranked.reason()))
          .toList();
    }
    var named = new ArrayList<Ranked>(targets.size());
    var others = new ArrayList<Ranked>();
    for (var target : targets) {
      if (holds.place(target) >= 0) {
        named.add(new Ranked(target, "rule " + holds.number() + ": " + holds.when(), true));
      } else {
        others.add(new Ranked(target, "rule " + holds.number() + " names others", false));
      }
    }
    named.sort(Comparator.comparingInt(ranked -> holds.place(ranked.target())));
    named.addAll(others);
    return named;
  }

  private static @Nullable Rule first(
      List<Rule> rules, Map<String, Object> facts, List<String> failures) {
    for (var rule : rules) {
      switch (rule.ask(facts)) {
        case Rule.Outcome.Holds _ -> {
          return rule;
        }
        case Rule.Outcome.DoesNotHold _ -> {}
        case Rule.Outcome.Fails(var reason) ->
            failures.add("rule " + rule.number() + " cannot be asked: " + reason);
      }
    }
    return null;
  }

  /** Those that the caller names go first, in his order. */
  private static List<Ranked> named(List<Ranked> ranked, List<String> names) {
    if (names.isEmpty()) {
      return ranked;
    }
    return ranked.stream()
        .sorted(Comparator.comparingInt(each -> place(each.target(), names)))
        .map(
            each ->
                place(each.target(), names) < names.size()
                    ? each.because("the caller's order")
                    : each)
        .toList();
  }

  private static int place(PricedTarget target, List<String> names) {
    for (int i = 0; i < names.size(); i++) {
      if (target.called(names.get(i))) {
        return i;
      }
    }
    return names.size();
  }
}
