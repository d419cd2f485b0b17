package io.penstock.router.route;

import io.penstock.router.price.CheckedUsage;
import io.penstock.router.price.Pricing;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What providers bill for calls, and which calls are accounted for. */
public final class Costs {

  private Costs() {}

  /**
   * One call to a provider. After a crash the same number may have been called twice; the start
   * tells them apart.
   *
   * @param attempt number
   * @param startedAt start of the call
   */
  public record Call(int attempt, Instant startedAt) {}

  static Call call(CallFinished outcome) {
    return new Call(outcome.getAttempt(), outcome.getStartedAt());
  }

  static Call call(CallFailed outcome) {
    return new Call(outcome.getAttempt(), outcome.getStartedAt());
  }

  static boolean costed(List<Attempt> attempts, Call call) {
    for (var attempt : attempts) {
      if (attempt.getNumber() == call.attempt()
          && attempt.getStartedAt().equals(call.startedAt())) {
        return true;
      }
    }
    return false;
  }

  static List<Call> calls(List<Attempt> attempts) {
    var calls = new ArrayList<Call>(attempts.size());
    for (var attempt : attempts) {
      calls.add(new Call(attempt.getNumber(), attempt.getStartedAt()));
    }
    return calls;
  }

  /** Whether nobody but we ourselves says what a call used. */
  static boolean estimated(Attempt attempt) {
    var usage = attempt.getUsage();
    return usage != null && usage.getSource() == UsageSource.ESTIMATED;
  }

  static Attempt attempt(RequestTicket ticket, CallFinished outcome) {
    var target = target(ticket, outcome.getPool(), outcome.getUpstreamModel());
    var usage = checked(ticket, target, outcome.getUsage());
    return new Attempt(
        outcome.getAttempt(),
        outcome.getPool(),
        outcome.getUpstreamModel(),
        outcome.getHttpStatus(),
        null,
        outcome.getProviderRequestId(),
        usage,
        cost(ticket, target, usage),
        outcome.getStartedAt(),
        outcome.getFinishedAt());
  }

  static Attempt attempt(RequestTicket ticket, CallFailed outcome) {
    var call = outcome.getCall();
    var target = target(ticket, call.getPool(), call.getUpstreamModel());
    var usage = checked(ticket, target, outcome.getUsage());
    return new Attempt(
        outcome.getAttempt(),
        call.getPool(),
        call.getUpstreamModel(),
        outcome.getFailure().getHttpStatus(),
        outcome.getFailure().getKind(),
        outcome.getProviderRequestId(),
        usage,
        cost(ticket, target, usage),
        outcome.getStartedAt(),
        outcome.getFinishedAt());
  }

  private static @Nullable TokenUsage checked(
      RequestTicket ticket, @Nullable PinnedTarget target, @Nullable TokenUsage usage) {
    return target == null
        ? usage
        : CheckedUsage.of(usage, ticket.getFacts(), ticket.getSurface(), target).usage();
  }

  /** At the provider's list price, whatever the customer pays. */
  private static long cost(
      RequestTicket ticket, @Nullable PinnedTarget target, @Nullable TokenUsage usage) {
    return target == null
        ? 0
        : Pricing.cost(usage, target.getPrice().getLines(), ticket.getServiceTier())
            .total()
            .nanoUsd();
  }

  /**
   * The target of a call; the first when it was made for another admission, absent when there is
   * none at all.
   */
  static @Nullable PinnedTarget target(RequestTicket ticket, String pool, String upstreamModel) {
    for (var target : ticket.getTargets()) {
      if (target.getPool().equals(pool) && target.getUpstreamModel().equals(upstreamModel)) {
        return target;
      }
    }
    return ticket.getTargets().isEmpty() ? null : ticket.getTargets().getFirst();
  }
}
