package io.penstock.router.select;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.penstock.platform.rules.Conditions;
import io.penstock.schemas.avro.RouteRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A rule of the strategy {@code RULES}, compiled once for a snapshot of the catalogue. */
public final class Rule {

  private final int number;
  private final String when;
  private final List<String> targets;
  private final CelRuntime.@Nullable Program program;
  private final @Nullable String problem;

  private Rule(
      int number, RouteRule rule, CelRuntime.@Nullable Program program, @Nullable String problem) {
    this.number = number;
    this.when = rule.getWhen();
    this.targets = List.copyOf(rule.getTargets());
    this.program = program;
    this.problem = problem;
  }

  /**
   * Compiles a rule; one that cannot be compiled never holds, and says why.
   *
   * @param number from 1, for explanations
   */
  public static Rule of(int number, RouteRule rule) {
    return switch (Conditions.compile(rule.getWhen())) {
      case Conditions.Good(var program) -> new Rule(number, rule, program, null);
      case Conditions.Bad(var problem) -> new Rule(number, rule, null, problem);
    };
  }

  /** What became of a rule for one request. */
  sealed interface Outcome {
    /** Its condition holds. */
    record Holds() implements Outcome {}

    /** It does not. */
    record DoesNotHold() implements Outcome {}

    /** Nobody can say. */
    record Fails(String reason) implements Outcome {}
  }

  /** Asks the condition. */
  Outcome ask(Map<String, Object> facts) {
    if (program == null) {
      return new Outcome.Fails(String.valueOf(problem));
    }
    try {
      return Boolean.TRUE.equals(program.eval(facts))
          ? new Outcome.Holds()
          : new Outcome.DoesNotHold();
    } catch (CelEvaluationException e) {
      return new Outcome.Fails(Conditions.oneLine(e.getMessage()));
    }
  }

  /** What is wrong with its condition, in one line; absent when nothing is. */
  public @Nullable String problem() {
    return problem;
  }

  /** Place among the rules of its model, from 1. */
  public int number() {
    return number;
  }

  /** The condition as written. */
  String when() {
    return when;
  }

  /** Place of a target among those that the rule names; -1 when it does not name it. */
  int place(PricedTarget target) {
    for (int i = 0; i < targets.size(); i++) {
      var name = targets.get(i);
      if (name.equals(target.pinned().getPool()) || name.equals(target.name())) {
        return i;
      }
    }
    return -1;
  }
}
