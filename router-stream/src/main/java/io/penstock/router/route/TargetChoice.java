package io.penstock.router.route;

import io.penstock.router.select.PoolHealth;
import io.penstock.schemas.avro.FailureKind;
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

  private static final int UNBLEMISHED = 0;
  private static final int EXCLUDED = 4;

  /**
   * The next target after one has failed: of those in the best shape, going round from the failed
   * one, the first that may be called now; else the one that may be called soonest. The failed one
   * comes last.
   *
   * @param progress of the request; at least one target must not be excluded
   */
  static TargetChoice next(
      List<PinnedTarget> targets, Progress progress, int failed, PoolHealth health, Instant now) {
    var shapes = shapes(targets, progress, health);
    var memory = progress.memory();
    var best = best(shapes);
    var soonest = -1;
    for (int step = 1; step <= targets.size(); step++) {
      var index = (failed + step) % targets.size();
      if (shapes[index] != best) {
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

  /**
   * The target for a call whose time has come: the intended one, unless another is in better shape
   * by now.
   */
  static int whenDue(
      List<PinnedTarget> targets, Progress progress, int intended, PoolHealth health, Instant now) {
    var shapes = shapes(targets, progress, health);
    if (shapes[intended] == best(shapes)) {
      return intended;
    }
    var choice = next(targets, progress, intended, health, now);
    return choice.at().isAfter(now) ? intended : choice.target();
  }

  /** Whether another target than the one called is in the best of shapes, and can be called now. */
  static boolean freeElsewhere(
      List<PinnedTarget> targets, Progress progress, int called, PoolHealth health, Instant now) {
    var shapes = shapes(targets, progress, health);
    for (int i = 0; i < shapes.length; i++) {
      if (i != called
          && shapes[i] == UNBLEMISHED
          && !progress.memory().get(i).notBefore().isAfter(now)) {
        return true;
      }
    }
    return false;
  }

  private static int best(int[] shapes) {
    var best = EXCLUDED - 1;
    for (var shape : shapes) {
      best = Math.min(best, shape);
    }
    return best;
  }

  /**
   * Of all targets; 0 is best. A target that is down is worse than one that kept silent or answered
   * nonsense: that one may answer well next time.
   */
  private static int[] shapes(List<PinnedTarget> targets, Progress progress, PoolHealth health) {
    var shapes = new int[targets.size()];
    for (int i = 0; i < shapes.length; i++) {
      var memory = progress.memory().get(i);
      if (memory.excluded()) {
        shapes[i] = EXCLUDED;
        continue;
      }
      var target = targets.get(i);
      var down =
          health.of(target.getPool(), target.getUpstreamModel()).state() == PoolHealth.State.DOWN;
      var doubtful = memory.silent() || progress.failures(target, FailureKind.UNUSABLE) > 0;
      shapes[i] = (down ? 2 : 0) + (doubtful ? 1 : 0);
    }
    return shapes;
  }
}
