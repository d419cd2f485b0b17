package io.penstock.router.route;

import io.penstock.router.admit.Refusal;
import io.penstock.router.budget.Settlement;
import io.penstock.router.pace.Paced;
import io.penstock.router.price.Charge;
import io.penstock.router.price.PriceFlag;
import io.penstock.router.route.RequestState.Cancelling;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.router.route.RequestState.Open;
import io.penstock.router.route.RequestState.Waiting;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.CallCancelled;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.RouteExplanation;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
    var charge = Charge.answered(ticket, target, outcome.getUsage());
    var effects = new ArrayList<Effect>(6);
    if (wantsResult(ticket)) {
      effects.add(new Effect.Finish(answered(ticket, progress, outcome, charge, now)));
    }
    settle(ticket, progress, charge, null, now, effects);
    if (state instanceof InFlight && outcome.getAttempt() != progress.attempt()) {
      effects.add(cancelCall(ticket, now));
    }
    return done(ticket, progress, now, effects);
  }

  /** Nothing is posted for it any more. */
  private static Decision done(
      RequestTicket ticket, Progress progress, Instant now, List<Effect> effects) {
    return new Decision(
        new Done(Tickets.settled(ticket), now, Costs.calls(progress.attempts())), effects);
  }

  private static UsageRecorded settle(
      RequestTicket ticket,
      Progress progress,
      Charge charge,
      @Nullable ErrorCode code,
      Instant now,
      List<Effect> effects) {
    var postings = Settlement.charged(ticket.getHolds(), charge.total().nanoUsd(), charge.usage());
    var usage = UsageRecords.charged(ticket, progress, charge, postings, code, now);
    effects.add(new Effect.RecordUsage(usage));
    effects.add(new Effect.SettleHold(postings));
    if (usage.getOverageNanoUsd() > 0) {
      effects.add(new Effect.Flag(Effect.Flag.Kind.OVERAGE, ticket.getRequestId()));
      effects.add(new Effect.Audit(Alarms.overage(usage)));
    }
    for (var flag : charge.flags()) {
      effects.add(new Effect.Flag(kind(flag), ticket.getRequestId()));
      if (flag == PriceFlag.PRICE_UNKNOWN) {
        effects.add(
            new Effect.AuditSeldom(
                Alarms.priceUnknown(
                    ticket.getOrganization(), ticket.getModel(), "charged nothing", now)));
      }
    }
    return usage;
  }

  private static Effect.Flag.Kind kind(PriceFlag flag) {
    return switch (flag) {
      case ESTIMATED -> Effect.Flag.Kind.ESTIMATED;
      case PRICE_GUESSED -> Effect.Flag.Kind.PRICE_GUESSED;
      case PRICE_UNKNOWN -> Effect.Flag.Kind.PRICE_UNKNOWN;
      case USAGE_QUARANTINED -> Effect.Flag.Kind.USAGE_QUARANTINED;
    };
  }

  /**
   * No target is left, or no time, attempt or money: the caller hears of the failure that tells
   * most, and of all calls that were made.
   */
  static Decision gaveUp(Open state, Instant now) {
    var cause = state.progress().cause();
    if (cause == null) {
      return failed(
          state, Bad.of(ErrorCode.INTERNAL_ERROR, Outcome.FAILED, "The request failed."), now);
    }
    if (cause.getKind() == FailureKind.DEADLINE) {
      return failed(state, expiry(state.ticket(), cause.getMessage()), now);
    }
    var details = new TreeMap<String, String>();
    details.put("attempts", calls(state.progress()));
    if (cause.getProviderCode() != null) {
      details.put("provider_code", cause.getProviderCode());
    }
    if (state.progress().delivered() != null) {
      details.put("cause", FailurePolicy.code(cause.getKind()).wire());
      var message = "The answer broke off and could not be gone on with: " + cause.getMessage();
      return failed(
          state, new Bad(ErrorCode.PROVIDER_ERROR, Outcome.FAILED, message, details, null), now);
    }
    return failed(
        state,
        new Bad(
            FailurePolicy.code(cause),
            Outcome.FAILED,
            cause.getMessage(),
            details,
            cause.getRetryAfterMs()),
        now);
  }

  /** How many calls at which targets, such as {@code alpha/small 2, beta/large 1}. */
  private static String calls(Progress progress) {
    var calls = new LinkedHashMap<String, Integer>();
    for (var attempt : progress.attempts()) {
      calls.merge(attempt.getPool() + "/" + attempt.getUpstreamModel(), 1, Integer::sum);
    }
    return calls.entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.joining(", "));
  }

  static Decision expired(Open state, Instant now) {
    var decision = failed(state, lateness(state), now);
    // a call may still be running, and may be billed: what comes of it is booked as late cost
    return switch (state) {
      case Waiting _ -> decision;
      case InFlight running ->
          with(decision, cancelCall(running.ticket(), now), ambiguous(running.ticket()));
      case Cancelling ending -> with(decision, ambiguous(ending.ticket()));
    };
  }

  private static Bad lateness(Open state) {
    if (state instanceof Cancelling(var ticket, _, var reason, _)) {
      return cancellation(ticket, reason);
    }
    var cause = state.progress().cause();
    if (cause == null) {
      return expiry(state.ticket(), "No answer came before the deadline.");
    }
    var bad =
        expiry(
            state.ticket(),
            "No answer came before the deadline; the last failure was: " + cause.getMessage());
    var details = Map.of("attempts", calls(state.progress()));
    return new Bad(bad.code(), bad.outcome(), bad.message(), details, null);
  }

  private static Effect.Flag ambiguous(RequestTicket ticket) {
    return new Effect.Flag(Effect.Flag.Kind.AMBIGUOUS_RELEASE, ticket.getRequestId());
  }

  private static Decision with(Decision decision, Effect... more) {
    var effects = new ArrayList<>(decision.effects());
    effects.addAll(List.of(more));
    return new Decision(decision.next(), effects);
  }

  /** It was given up, and nothing is owed for it. */
  static Decision cancelled(Open state, String reason, Instant now) {
    var decision = failed(state, cancellation(state.ticket(), reason), now);
    return state instanceof InFlight running
        ? with(decision, cancelCall(running.ticket(), now))
        : decision;
  }

  /**
   * Its call was stopped because its caller had given up: he owes what he could read until then.
   */
  static Decision stopped(Open state, CallFailed outcome, String reason, Instant now) {
    var ticket = state.ticket();
    var usage = outcome.getUsage();
    var bad = cancellation(ticket, reason);
    if (usage == null || !Tickets.streams(ticket)) {
      return failed(state, bad, now);
    }
    var progress = state.progress();
    var call = outcome.getCall();
    var target = Costs.target(ticket, call.getPool(), call.getUpstreamModel());
    var charge = Charge.stopped(ticket, target, usage);
    var effects = told(ticket, progress, bad, now);
    settle(ticket, progress, charge, bad.code(), now, effects);
    return done(ticket, progress, now, effects);
  }

  static Effect.CancelCall cancelCall(RequestTicket ticket, Instant now) {
    return new Effect.CancelCall(
        new CallCancelled(ticket.getRequestId(), ticket.getOrganization(), now));
  }

  /** Nothing was held or called, so nothing is recorded as usage. */
  static Decision refused(
      InferenceRequested request,
      Refusal refusal,
      @Nullable RouteExplanation explanation,
      Paced paced,
      Instant now) {
    var bad =
        new Bad(
            refusal.code(),
            Outcome.FAILED,
            refusal.message(),
            refusal.details(),
            refusal.retryAfterMillis());
    var ticket = Tickets.refused(request, explanation);
    ticket.setRateLimits(paced.status());
    return paced.taking().takes().isEmpty()
        ? unserved(ticket, bad, now)
        : with(unserved(ticket, bad, now), new Effect.TakePace(paced.taking()));
  }

  /** It came when nobody wanted the answer any more. */
  static Decision outOfTime(InferenceRequested request, Instant now) {
    var ticket = Tickets.refused(request, null);
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

  /**
   * Its call was made by an earlier life of the router, of which only the outcome is left: charged
   * as if it had been admitted, on budgets that hold nothing for it.
   */
  static Decision answeredBefore(Done state, CallFinished outcome, World world) {
    var ticket = Tickets.admittedBefore(state.ticket(), world.table());
    var progress =
        Progress.first(0, ticket.getTargets().size(), outcome.getStartedAt())
            .with(Costs.attempt(ticket, outcome));
    var target = Costs.target(ticket, outcome.getPool(), outcome.getUpstreamModel());
    var charge = Charge.answered(ticket, target, outcome.getUsage());
    var effects = new ArrayList<Effect>(4);
    UsageRecords.markLate(settle(ticket, progress, charge, null, world.now(), effects));
    effects.add(new Effect.Flag(Effect.Flag.Kind.LATE_SETTLEMENT, ticket.getRequestId()));
    return done(ticket, progress, world.now(), effects);
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
    var ticket = state.ticket();
    var postings = Settlement.late(ticket.getHolds(), attempt);
    var usage = UsageRecords.late(ticket, attempt, postings, now);
    effects.add(new Effect.RecordUsage(usage));
    effects.addAll(flags);
    if (postings.isEmpty()) {
      return new Decision(new Done(ticket, state.endedAt(), costed), effects);
    }
    // the provider was paid, whatever became of the hold
    effects.add(new Effect.SettleHold(postings));
    effects.add(new Effect.Flag(Effect.Flag.Kind.LATE_SETTLEMENT, ticket.getRequestId()));
    effects.add(new Effect.Audit(Alarms.late(usage)));
    return new Decision(new Done(Tickets.settled(ticket), state.endedAt(), costed), effects);
  }

  private static Decision failed(Open state, Bad bad, Instant now) {
    var ticket = state.ticket();
    var progress = state.progress();
    var effects = told(ticket, progress, bad, now);
    var postings = Settlement.unanswered(ticket.getHolds(), progress.attempts());
    effects.add(
        new Effect.RecordUsage(
            UsageRecords.uncharged(ticket, progress, postings, bad.code(), now)));
    effects.add(new Effect.SettleHold(postings));
    // where nothing is posted, a call that still runs may say later that something was used
    return Settlement.posts(postings)
        ? done(ticket, progress, now, effects)
        : new Decision(new Done(ticket, now, Costs.calls(progress.attempts())), effects);
  }

  private static Decision unserved(RequestTicket ticket, Bad bad, Instant now) {
    return new Decision(new Done(ticket, now, List.of()), told(ticket, null, bad, now));
  }

  /**
   * @param progress absent when no call was made
   */
  private static List<Effect> told(
      RequestTicket ticket, @Nullable Progress progress, Bad bad, Instant now) {
    var calls = progress == null ? 0 : progress.attempt();
    var broken = progress != null && progress.delivered() != null ? progress : null;
    var seen = broken == null ? null : broken.delivered();
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
                  seen == null ? 0 : seen.getPieces(),
                  broken == null ? null : broken.attempts().getLast().getStartedAt(),
                  List.of(),
                  ticket.getExplain() ? ticket.getExplanation() : null,
                  bad.retryAfterMillis(),
                  null,
                  null,
                  ticket.getRateLimits(),
                  null)));
    }
    return effects;
  }

  private static RequestFinished answered(
      RequestTicket ticket, Progress progress, CallFinished outcome, Charge charge, Instant now) {
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
        charge.usage(),
        charge.total().nanoUsd(),
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
