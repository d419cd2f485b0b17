package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.platform.rules.Conditions;
import io.penstock.schemas.avro.RouteRule;
import io.penstock.schemas.avro.Strategy;
import io.penstock.schemas.avro.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** The {@code rules} of a model. */
final class RuleSection {

  private RuleSection() {}

  static List<RouteRule> read(Section model, Strategy strategy, List<Target> targets) {
    var known = new HashSet<String>();
    for (var target : targets) {
      known.add(target.getPool());
      known.add(target.getPool() + "/" + target.getUpstreamModel());
    }
    var rules = new ArrayList<RouteRule>();
    for (var section : model.sections("rules")) {
      rules.add(rule(section, known));
    }
    if (strategy == Strategy.RULES && rules.isEmpty()) {
      model.error("rules", "the strategy rules needs at least one");
    }
    if (strategy != Strategy.RULES && !rules.isEmpty()) {
      model.error("rules", "only the strategy rules heeds them");
    }
    return rules;
  }

  private static RouteRule rule(Section section, HashSet<String> known) {
    var when = section.requiredText("when");
    var problem = when.isEmpty() ? null : Conditions.problem(when);
    if (problem != null) {
      section.error("when", "must be a condition in CEL: " + problem);
    }
    var targets = section.texts("targets");
    if (targets.isEmpty()) {
      section.error("targets", "at least one is required");
    }
    for (var target : targets) {
      if (!known.contains(target)) {
        section.error(
            "targets", "must be a pool or pool/model among the model's targets: " + target);
      }
    }
    return new RouteRule(when, targets);
  }
}
