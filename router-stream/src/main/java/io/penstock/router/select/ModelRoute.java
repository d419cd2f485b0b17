package io.penstock.router.select;

import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.ConsideredTarget;
import io.penstock.schemas.avro.Strategy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a model is served.
 *
 * @param name the model's own name, whichever alias was asked for
 * @param strategy how its targets are ordered
 * @param targets those that exist and have a price, in the order of the catalogue
 * @param unusable the others of the catalogue, each with the reason
 * @param rules those of the strategy {@code RULES}
 * @param attemptsMax attempts at most for one request
 * @param costMaxNanoUsd no further call once those made have cost this much; absent means no limit
 * @param policy how its calls are made; absent means the defaults
 */
public record ModelRoute(
    String name,
    Strategy strategy,
    List<PricedTarget> targets,
    List<ConsideredTarget> unusable,
    List<Rule> rules,
    int attemptsMax,
    @Nullable Long costMaxNanoUsd,
    @Nullable CallPolicy policy) {

  public ModelRoute {
    targets = List.copyOf(targets);
    unusable = List.copyOf(unusable);
    rules = List.copyOf(rules);
  }

  /** Whether the catalogue names any target, usable or not. */
  public boolean configured() {
    return !targets.isEmpty() || !unusable.isEmpty();
  }
}
