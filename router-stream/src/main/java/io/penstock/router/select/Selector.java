package io.penstock.router.select;

import io.penstock.router.select.Ordering.Ranked;
import io.penstock.schemas.avro.ConsideredTarget;
import io.penstock.schemas.avro.RouteExplanation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Finds the targets of a request. */
public final class Selector {

  /** Targets of one request at most: each is kept in its state. */
  static final int TARGETS_MAX = 16;

  private Selector() {}

  /**
   * Selects.
   *
   * @throws ArithmeticException when the request allows more tokens than can be priced
   * @throws NumberFormatException when a price limit of the caller is no decimal
   */
  public static Selection select(Question question, PoolHealth health) {
    var notes = new Notes();
    question.refused().forEach(notes::skipped);
    var fitness = new Fitness(question);
    var kept = new LinkedHashMap<String, Ranked>();
    for (var route : question.routes()) {
      route.unusable().forEach(notes::skipped);
      var ordered = Ordering.order(route, question, health);
      notes.ordered(route, ordered);
      fit(ordered.targets(), fitness, notes).forEach(each -> kept.putIfAbsent(name(each), each));
    }
    var targets = limited(windowed(List.copyOf(kept.values()), fitness, notes), question, notes);
    if (targets.isEmpty()) {
      return new Selection.None(notes.explanation(question, List.of()));
    }
    var first = first(targets, health);
    return new Selection.Selected(
        targets.stream().map(Ranked::target).toList(),
        first,
        notes.explanation(question, told(targets, first, health)));
  }

  private static String name(Ranked ranked) {
    return ranked.target().name();
  }

  /** Without those that may not serve; those that a rule passes over only when no other is left. */
  private static List<Ranked> fit(List<Ranked> ranked, Fitness fitness, Notes notes) {
    var fit = new ArrayList<Ranked>();
    for (var each : ranked) {
      var objection = fitness.objection(each.target());
      if (objection == null) {
        fit.add(each);
      } else {
        notes.skipped(considered(each, "skipped", objection));
      }
    }
    if (fit.stream().noneMatch(Ranked::preferred)) {
      return fit;
    }
    fit.stream()
        .filter(each -> !each.preferred())
        .forEach(each -> notes.skipped(considered(each, "skipped", each.reason())));
    return fit.stream().filter(Ranked::preferred).toList();
  }

  /** Without those whose window may be too small, where there is one whose window is not. */
  private static List<Ranked> windowed(List<Ranked> targets, Fitness fitness, Notes notes) {
    var fit = targets.stream().filter(each -> fitness.surelyFits(each.target())).toList();
    if (fit.isEmpty()) {
      return targets;
    }
    for (var each : targets) {
      if (!fit.contains(each)) {
        notes.skipped(
            considered(
                each,
                "skipped",
                "its context window of "
                    + each.target().traits().contextWindow()
                    + " tokens may be too small"));
      }
    }
    return fit;
  }

  private static List<Ranked> limited(List<Ranked> targets, Question question, Notes notes) {
    var fallbacks = question.preferences().getAllowFallbacks();
    var most = fallbacks ? TARGETS_MAX : 1;
    for (var each : targets.subList(Math.min(most, targets.size()), targets.size())) {
      notes.skipped(
          considered(
              each,
              "skipped",
              fallbacks ? "beyond " + TARGETS_MAX + " targets" : "the caller allows no fallbacks"));
    }
    return targets.subList(0, Math.min(most, targets.size()));
  }

  /**
   * The first that answers. When none does, the one that will be tried soonest; when nobody knows
   * of any, the first.
   */
  private static int first(List<Ranked> targets, PoolHealth health) {
    var soonest = 0;
    for (int i = 0; i < targets.size(); i++) {
      var condition = condition(targets.get(i), health);
      if (condition.state() != PoolHealth.State.DOWN) {
        return i;
      }
      var best = condition(targets.get(soonest), health).probeAt();
      var probeAt = condition.probeAt();
      if (probeAt != null && (best == null || probeAt.isBefore(best))) {
        soonest = i;
      }
    }
    return soonest;
  }

  private static PoolHealth.Condition condition(Ranked ranked, PoolHealth health) {
    var pinned = ranked.target().pinned();
    return health.of(pinned.getPool(), pinned.getUpstreamModel());
  }

  private static List<ConsideredTarget> told(List<Ranked> targets, int first, PoolHealth health) {
    var told = new ArrayList<ConsideredTarget>(targets.size());
    for (int i = 0; i < targets.size(); i++) {
      var each = targets.get(i);
      var down = condition(each, health).state() == PoolHealth.State.DOWN;
      if (i == first) {
        told.add(
            considered(each, "chosen", down ? "no target answers, last resort" : each.reason()));
      } else if (down) {
        told.add(considered(each, "skipped", "its circuit is open"));
      } else {
        told.add(considered(each, "fallback", each.reason()));
      }
    }
    return told;
  }

  private static ConsideredTarget considered(Ranked ranked, String verdict, String reason) {
    var pinned = ranked.target().pinned();
    return new ConsideredTarget(pinned.getPool(), pinned.getUpstreamModel(), verdict, reason);
  }

  /** Collects what the explanation says; lives as long as one selection. */
  private static final class Notes {
    private final Map<String, ConsideredTarget> skipped = new LinkedHashMap<>();
    private final List<ConsideredTarget> failures = new ArrayList<>(0);
    private final List<String> strategies = new ArrayList<>(1);

    void skipped(ConsideredTarget target) {
      skipped.putIfAbsent(target.getPool() + "/" + target.getUpstreamModel(), target);
    }

    void ordered(ModelRoute route, Ordering.Ordered ordered) {
      if (strategies.isEmpty()) {
        strategies.add(ordered.strategy().name().toLowerCase(Locale.ROOT));
      }
      ordered
          .failures()
          .forEach(
              failure -> failures.add(new ConsideredTarget("", route.name(), "skipped", failure)));
    }

    RouteExplanation explanation(Question question, List<ConsideredTarget> kept) {
      var considered = new ArrayList<>(kept);
      considered.addAll(failures);
      var names = new HashSet<String>();
      kept.forEach(each -> names.add(each.getPool() + "/" + each.getUpstreamModel()));
      skipped.forEach(
          (name, each) -> {
            if (!names.contains(name)) {
              considered.add(each);
            }
          });
      var model =
          question.routes().isEmpty()
              ? question.request().getModel()
              : question.routes().getFirst().name();
      return new RouteExplanation(
          model, strategies.isEmpty() ? "priority" : strategies.getFirst(), considered);
    }
  }
}
