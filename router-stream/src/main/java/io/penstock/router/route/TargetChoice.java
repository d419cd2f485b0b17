package io.penstock.router.route;

import io.penstock.router.route.Progress.Memory;
import io.penstock.schemas.avro.PinnedTarget;
import java.time.Instant;
import java.util.List;

/**
 * Which target is called next, and when.
 *
 * @param target index
 * @param at not after the time of asking when it can be called at once
 */
record TargetChoice(int target, Instant at) {

  /** The first target of a new request: in order, those that answer before those that do not. */
  static int first(List<PinnedTarget> targets, PoolHealth health) {
    for (int i = 0; i < targets.size(); i++) {
      if (health.of(targets.get(i).getPool()) != PoolHealth.State.DOWN) {
        return i;
      }
    }
    return 0;
  }

  /**
   * The next target after one has failed: of those in the best shape, going round from the failed one, the first that
   * may be called now; else the one that may be called soonest. The failed one comes last.
   *
   * @param memory at least one must not be excluded
   */
  static TargetChoice next(
      List<PinnedTarget> targets, List<Memory> memory, int failed, PoolHealth health, Instant now) {
    var best = bestShape(targets, memory, health);
    var soonest = -1;
    for (int step = 1; step <= targets.size(); step++) {
      var index = (failed + step) % targets.size();
      if (shape(targets.get(index), memory.get(index), health) != best) {
        continue;
      }
      if (!memory.get(index).notBefore().isAfter(now)) {
        return new TargetChoice(index, now);
      }
      if (soonest < 0 || memory.get(index).notBefore().isBefore(memory.get(soonest).notBefore())) {
        soonest = index;
      }
    }
    if (soonest < 0) {
      throw new IllegalArgumentException("no target is left to choose from");
    }
    return new TargetChoice(soonest, memory.get(soonest).notBefore());
  }

  /** The target for a call whose time has come: the intended one, unless another is in better shape by now. */
  static int whenDue(
      List<PinnedTarget> targets, List<Memory> memory, int intended, PoolHealth health, Instant now) {
    if (shape(targets.get(intended), memory.get(intended), health) == bestShape(targets, memory, health)) {
      return intended;
    }
    var choice = next(targets, memory, intended, health, now);
    return choice.at().isAfter(now) ? intended : choice.target();
  }

  private static int bestShape(List<PinnedTarget> targets, List<Memory> memory, PoolHealth health) {
    var best = EXCLUDED - 1;
    for (int i = 0; i < targets.size(); i++) {
      best = Math.min(best, shape(targets.get(i), memory.get(i), health));
    }
    return best;
  }

  private static final int EXCLUDED = 4;

  /** 0 is best. A pool that is down is worse than one that was silent: the silent one may still answer. */
  private static int shape(PinnedTarget target, Memory memory, PoolHealth health) {
    if (memory.excluded()) {
      return EXCLUDED;
    }
    var down = health.of(target.getPool()) == PoolHealth.State.DOWN;
    return (down ? 2 : 0) + (memory.silent() ? 1 : 0);
  }
}
