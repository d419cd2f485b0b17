package io.penstock.router.route;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.FailureCause;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.PinnedTarget;
import java.time.Duration;
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
 * @param delivered what the caller has seen of a stream that broke off; absent when nothing
 */
public record Progress(
    int attempt,
    int target,
    Instant calledAt,
    int counted,
    int uncounted,
    List<Memory> memory,
    @Nullable FailureCause cause,
    List<Attempt> attempts,
    @Nullable Delivered delivered) {

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
        1, target, at, 0, 0, Collections.nCopies(targets, Memory.NONE), null, List.of(), null);
  }

  Progress with(Attempt ended) {
    var all = new ArrayList<Attempt>(attempts.size() + 1);
    all.addAll(attempts);
    all.add(ended);
    return new Progress(
        attempt, target, calledAt, counted, uncounted, memory, cause, all, delivered);
  }

  Progress with(FailureCause told) {
    return new Progress(
        attempt, target, calledAt, counted, uncounted, memory, told, attempts, delivered);
  }

  Progress remembering(int index, Memory remembered) {
    var all = new ArrayList<>(memory);
    all.set(index, remembered);
    return new Progress(
        attempt, target, calledAt, counted, uncounted, all, cause, attempts, delivered);
  }

  Progress excluding(int index) {
    var memory = memory().get(index);
    return memory.excluded()
        ? this
        : remembering(index, new Memory(memory.notBefore(), memory.silent(), true));
  }

  Progress countedOnce() {
    return new Progress(
        attempt, target, calledAt, counted + 1, uncounted, memory, cause, attempts, delivered);
  }

  Progress uncountedOnce() {
    return new Progress(
        attempt, target, calledAt, counted, uncounted + 1, memory, cause, attempts, delivered);
  }

  /** What is seen stays seen: the longer part counts. */
  Progress seen(@Nullable Delivered more) {
    if (more == null || (delivered != null && delivered.getPieces() > more.getPieces())) {
      return this;
    }
    return new Progress(
        attempt, target, calledAt, counted, uncounted, memory, cause, attempts, more);
  }

  Progress calling(int number, int index, Instant at) {
    return new Progress(number, index, at, counted, uncounted, memory, cause, attempts, delivered);
  }

  /** Failures of one kind at one target. */
  int failures(PinnedTarget of, FailureKind kind) {
    var failures = 0;
    for (var ended : attempts) {
      if (ended.getFailure() == kind
          && ended.getPool().equals(of.getPool())
          && ended.getUpstreamModel().equals(of.getUpstreamModel())) {
        failures++;
      }
    }
    return failures;
  }

  /** What the calls have cost so far, nano-USD. */
  long cost() {
    var cost = 0L;
    for (var ended : attempts) {
      cost = Math.addExact(cost, ended.getCostNanoUsd());
    }
    return cost;
  }

  /**
   * The earliest time of the next call, so that no two calls are followed by a third too soon.
   *
   * @param time in which there may be two calls, but not three
   */
  Instant pace(Duration time, Instant now) {
    var last = Instant.MIN;
    var before = Instant.MIN;
    for (var ended : attempts) {
      if (neverSent(ended)) {
        continue;
      }
      var start = start(ended, now);
      if (start.isAfter(last)) {
        before = last;
        last = start;
      } else if (start.isAfter(before)) {
        before = start;
      }
    }
    return before == Instant.MIN ? Instant.MIN : before.plus(time);
  }

  /** By the worker's clock, which may be wrong, within what the router's own clock knows. */
  private Instant start(Attempt ended, Instant now) {
    var start = ended.getStartedAt();
    if (ended.getNumber() == attempt && start.isBefore(calledAt)) {
      return calledAt;
    }
    return start.isAfter(now) ? now : start;
  }

  /**
   * What only the provider can say, said without a status of its own and without usage, is a
   * worker's word: the circuit was open, the credential paused, the request not to be expressed.
   */
  private static boolean neverSent(Attempt ended) {
    if (ended.getHttpStatus() != null || ended.getUsage() != null) {
      return false;
    }
    return switch (ended.getFailure()) {
      case OVERLOADED,
          RATE_LIMITED,
          BAD_REQUEST,
          AUTHENTICATION,
          NOT_FOUND,
          PROVIDER_BUDGET,
          CONTEXT_TOO_LONG,
          CONTENT_POLICY ->
          true;
      case SERVER_ERROR, CONNECT, TIMEOUT, CUT, UNUSABLE, CANCELLED, DEADLINE, UNKNOWN -> false;
      case null -> false;
    };
  }
}
