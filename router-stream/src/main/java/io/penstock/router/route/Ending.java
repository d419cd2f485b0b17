package io.penstock.router.route;

import io.penstock.platform.money.Money;
import io.penstock.router.admit.Refusal;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.router.route.RequestState.Open;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.RequestTicket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ends of a request. Each admitted one ends once: with one settlement of its hold, one usage
 * record, and what its caller waits for.
 */
final class Ending {

  private Ending() {}

  /** How a request ends without an answer. */
  private record Bad(
      ErrorCode code,
      Outcome outcome,
      String message,
      Map<String, String> details,
      @Nullable Long retryAfterMillis) {

    static Bad of(ErrorCode code, Outcome outcome, String message) {
      return new Bad(code, outcome, message, Map.of(), null);
    }
  }

  static Decision succeeded(Open state, CallFinished outcome, Instant now) {
    var ticket = state.ticket();
    var progress = state.progress().with(Costs.attempt(ticket, outcome));
    var target = Costs.target(ticket, outcome.getPool(), outcome.getUpstreamModel());
    var priced = Costs.price(target, outcome.getUsage());
    var hold = new Money(ticket.getHoldNanoUsd());
    var effects = new ArrayList<Effect>(5);
    if (wantsResult(ticket)) {
      effects.add(new Effect.Finish(answered(ticket, progress, outcome, priced.total(), now)));
    }
    effects.add(
        new Effect.RecordUsage(
            UsageRecords.charged(ticket, progress, outcome, target, priced, now)));
    effects.add(new Effect.SettleHold(ticket.getHoldAccounts(), hold, priced.total()));
    if (priced.total().compareTo(hold) > 0) {
      effects.add(new Effect.Flag(Effect.Flag.Kind.OVERAGE, ticket.getRequestId()));
    }
    if (!priced.guessed().isEmpty()) {
      effects.add(new Effect.Flag(Effect.Flag.Kind.PRICE_GUESSED, ticket.getRequestId()));
    }
    return new Decision(new Done(ticket, now, Costs.calls(progress.attempts())), effects);
  }

  /** No target is left, or no time or attempt: the caller hears of the failure that tells most. */
  static Decision gaveUp(Open state, Instant now) {
    var cause = state.progress().cause();
    if (cause == null) {
      return failed(
          state, Bad.of(ErrorCode.INTERNAL_ERROR, Outcome.FAILED, "The request failed."), now);
    }
    if (cause.getKind() == FailureKind.DEADLINE) {
      return failed(state, expiry(state.ticket(), cause.getMessage()), now);
    }
    if (cause.getKind() == FailureKind.CANCELLED) {
      return failed(state, cancellation(state.ticket(), cause.getMessage()), now);
    }
    var code = FailurePolicy.code(cause.getKind());
    var details =
        cause.getProviderCode() == null
            ? Map.<String, String>of()
            : Map.of("provider_code", cause.getProviderCode());
    return failed(
        state,
        new Bad(code, Outcome.FAILED, cause.getMessage(), details, cause.getRetryAfterMs()),
        now);
  }

  static Decision expired(Open state, Instant now) {
    var cause = state.progress().cause();
    var message =
        cause == null
            ? "No answer came before the deadline."
            : "No answer came before the deadline; the last failure was: " + cause.getMessage();
    var decision = failed(state, expiry(state.ticket(), message), now);
    if (!(state instanceof InFlight)) {
      return decision;
    }
    // a call may still be running, and may be billed: what comes of it is booked as late cost
    var effects = new ArrayList<>(decision.effects());
    effects.add(new Effect.Flag(Effect.Flag.Kind.AMBIGUOUS_RELEASE, state.ticket().getRequestId()));
    return new Decision(decision.next(), effects);
  }

  static Decision cancelled(Open state, CancelRequested cancel, Instant now) {
    return failed(state, cancellation(state.ticket(), cancel.getReason()), now);
  }

  /** Nothing was held or called, so nothing is recorded as usage. */
  static Decision refused(InferenceRequested request, Refusal refusal, Instant now) {
    var bad = new Bad(refusal.code(), Outcome.FAILED, refusal.message(), refusal.details(), null);
    return unserved(Tickets.refused(request), bad, now);
  }

  /** It came when nobody wanted the answer any more. */
  static Decision outOfTime(InferenceRequested request, Instant now) {
    var ticket = Tickets.refused(request);
    return unserved(
        ticket, expiry(ticket, "The deadline passed before the request was served."), now);
  }

  static CancelRequested cancelOf(InferenceRequested request, Instant now) {
    return new CancelRequested(
        request.getRequestId(),
        request.getOrganization(),
        "The request was cancelled before it was served.",
        now);
  }

  static Decision late(Done state, CallFinished outcome, Instant now) {
    var attempt = Costs.attempt(state.ticket(), outcome);
    return late(
        state,
        Costs.call(outcome),
        attempt,
        now,
        List.of(new Effect.Flag(Effect.Flag.Kind.LATE_ANSWER, state.ticket().getRequestId())));
  }

  static Decision late(Done state, CallFailed outcome, Instant now) {
    return late(state, Costs.call(outcome), Costs.attempt(state.ticket(), outcome), now, List.of());
  }

  private static Decision late(
      Done state, Costs.Call call, Attempt attempt, Instant now, List<Effect> flags) {
    var costed = new ArrayList<>(state.costed());
    costed.add(call);
    var effects = new ArrayList<Effect>(2);
    effects.add(new Effect.RecordUsage(UsageRecords.late(state.ticket(), attempt, now)));
    effects.addAll(flags);
    return new Decision(new Done(state.ticket(), state.endedAt(), costed), effects);
  }

  private static Decision failed(Open state, Bad bad, Instant now) {
    var ticket = state.ticket();
    var progress = state.progress();
    var effects = told(ticket, progress.attempt(), bad, now);
    effects.add(new Effect.RecordUsage(UsageRecords.uncharged(ticket, progress, bad.code(), now)));
    effects.add(
        new Effect.SettleHold(
            ticket.getHoldAccounts(), new Money(ticket.getHoldNanoUsd()), Money.ZERO));
    return new Decision(new Done(ticket, now, Costs.calls(progress.attempts())), effects);
  }

  private static Decision unserved(RequestTicket ticket, Bad bad, Instant now) {
    return new Decision(new Done(ticket, now, List.of()), told(ticket, 0, bad, now));
  }

  private static List<Effect> told(RequestTicket ticket, int calls, Bad bad, Instant now) {
    var body = ErrorBody.of(bad.code(), bad.message(), ticket.getRequestId(), bad.details());
    var effects = new ArrayList<Effect>(5);
    if (wantsResult(ticket)) {
      effects.add(
          new Effect.Finish(
              new RequestFinished(
                  ticket.getRequestId(),
                  ticket.getOrganization(),
                  job(ticket),
                  ticket.getLine(),
                  bad.outcome(),
                  bad.code().httpStatus(),
                  bad.code().wire(),
                  body,
                  ticket.getModel(),
                  null,
                  null,
                  null,
                  0L,
                  calls,
                  ticket.getExplanation(),
                  Instant.ofEpochMilli(ticket.getAcceptedAtMs()),
                  now)));
    }
    var address = ticket.getReply();
    if (ticket.getAnswerTo() != AnswerTo.RESULT && address != null) {
      effects.add(
          new Effect.Reply(
              address,
              new ReplyFinished(
                  ticket.getRequestId(),
                  address.getInstance(),
                  calls,
                  bad.code().httpStatus(),
                  body,
                  0,
                  null,
                  List.of(),
                  ticket.getExplain() ? ticket.getExplanation() : null,
                  bad.retryAfterMillis(),
                  null,
                  null)));
    }
    return effects;
  }

  private static RequestFinished answered(
      RequestTicket ticket, Progress progress, CallFinished outcome, Money charge, Instant now) {
    return new RequestFinished(
        ticket.getRequestId(),
        ticket.getOrganization(),
        job(ticket),
        ticket.getLine(),
        Outcome.SUCCEEDED,
        outcome.getHttpStatus(),
        null,
        outcome.getAnswer(),
        ticket.getModel(),
        outcome.getPool(),
        outcome.getUpstreamModel(),
        outcome.getUsage(),
        charge.nanoUsd(),
        Math.max(progress.attempt(), outcome.getAttempt()),
        ticket.getExplanation(),
        Instant.ofEpochMilli(ticket.getAcceptedAtMs()),
        now);
  }

  private static Bad expiry(RequestTicket ticket, String message) {
    var code = ticket.getLine() == null ? ErrorCode.DEADLINE_EXCEEDED : ErrorCode.BATCH_EXPIRED;
    return Bad.of(code, Outcome.EXPIRED, message);
  }

  private static Bad cancellation(RequestTicket ticket, String message) {
    var code = ticket.getLine() == null ? ErrorCode.CANCELLED : ErrorCode.BATCH_CANCELLED;
    return Bad.of(code, Outcome.CANCELLED, message);
  }

  private static boolean wantsResult(RequestTicket ticket) {
    return ticket.getAnswerTo() != AnswerTo.REPLY;
  }

  private static String job(RequestTicket ticket) {
    return ticket.getJob() == null ? ticket.getRequestId() : ticket.getJob();
  }
}
