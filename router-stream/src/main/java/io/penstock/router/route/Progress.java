package io.penstock.router.route;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.FailureCause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far an open request has come.
 *
 * @param attempt number of the last call made, from 1
 * @param target index of its target
 * @param calledAt when it was assigned
 * @param counted failures that count as attempts
 * @param uncounted failures that do not
 * @param memory one for each target
 * @param cause the failure that tells the caller most; absent until something failed
 * @param attempts calls that ended, each with its cost
 */
public record Progress(
    int attempt,
    int target,
    Instant calledAt,
    int counted,
    int uncounted,
    List<Memory> memory,
    @Nullable FailureCause cause,
    List<Attempt> attempts) {

  public Progress {
    memory = List.copyOf(memory);
    attempts = List.copyOf(attempts);
  }

  /**
   * What a request remembers of one target.
   *
   * @param notBefore not to be called again before this time
   * @param silent it kept silent once
   * @param excluded it will never serve this request
   */
  public record Memory(Instant notBefore, boolean silent, boolean excluded) {
    static final Memory NONE = new Memory(Instant.EPOCH, false, false);
  }

  /** Before any call has ended. */
  static Progress first(int target, int targets, Instant at) {
    return new Progress(
        1, target, at, 0, 0, Collections.nCopies(targets, Memory.NONE), null, List.of());
  }

  Progress with(Attempt ended) {
    var all = new ArrayList<Attempt>(attempts.size() + 1);
    all.addAll(attempts);
    all.add(ended);
    return new Progress(attempt, target, calledAt, counted, uncounted, memory, cause, all);
  }

  Progress with(FailureCause told) {
    return new Progress(attempt, target, calledAt, counted, uncounted, memory, told, attempts);
  }

  Progress remembering(int index, Memory remembered) {
    var all = new ArrayList<>(memory);
    all.set(index, remembered);
    return new Progress(attempt, target, calledAt, counted, uncounted, all, cause, attempts);
  }

  Progress countedOnce() {
    return new Progress(attempt, target, calledAt, counted + 1, uncounted, memory, cause, attempts);
  }

  Progress uncountedOnce() {
    return new Progress(attempt, target, calledAt, counted, uncounted + 1, memory, cause, attempts);
  }

  Progress calling(int number, int index, Instant at) {
    return new Progress(number, index, at, counted, uncounted, memory, cause, attempts);
  }
}
