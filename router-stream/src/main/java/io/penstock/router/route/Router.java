package io.penstock.router.route;

import io.penstock.router.admit.Admission;
import io.penstock.router.admit.Admission.Admitted;
import io.penstock.router.admit.Admission.Refused;
import io.penstock.router.route.Progress.Memory;
import io.penstock.router.route.RequestEvent.Cancelled;
import io.penstock.router.route.RequestEvent.DeadlinePassed;
import io.penstock.router.route.RequestEvent.Due;
import io.penstock.router.route.RequestEvent.Failed;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.Early;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.router.route.RequestState.Open;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.route.RequestState.Waiting;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureCause;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.RequestTicket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a request: pure, total, and without a clock. Deciding on the same twice changes
 * nothing.
 */
public final class Router {

  /** Failures that do not count as attempts stop being free after this many. */
  static final int UNCOUNTED_MAX = 50;

  /**
   * A request calls one target at most once in this time, unless the target itself named a shorter
   * one.
   */
  static final Duration BETWEEN_CALLS = Duration.ofMillis(1500);

  private static final int MESSAGE_CHARACTERS_MAX = 1000;

  private Router() {}

  /** What follows from an event. */
  public static Decision decide(RequestState state, RequestEvent event, World world) {
    return switch (state) {
      case Unknown unknown -> whenUnknown(unknown, event, world);
      case Early early -> whenEarly(early, event, world);
      case Open open -> whenOpen(open, event, world);
      case Done done -> whenDone(done, event, world);
    };
  }

  private static Decision whenUnknown(Unknown state, RequestEvent event, World world) {
    return switch (event) {
      case Requested(var request) -> begin(request, world);
      case Cancelled _, Finished _, Failed _ ->
          whenEarly(new Early(world.now(), false, List.of(), List.of()), event, world);
      case Due _, DeadlinePassed _ -> Decision.ignore(state);
    };
  }

  /** Keeps what came too early until its request comes: it was acknowledged, so it will. */
  private static Decision whenEarly(Early state, RequestEvent event, World world) {
    return switch (event) {
      case Requested(var request) -> catchUp(begin(request, world), state, request, world);
      case Cancelled _ ->
          Decision.of(new Early(state.since(), true, state.finished(), state.failed()));
      case Finished(var outcome) ->
          state.finished().stream().anyMatch(known -> Costs.call(known).equals(Costs.call(outcome)))
              ? Decision.ignore(state)
              : Decision.of(
                  new Early(
                      state.since(),
                      state.cancelled(),
                      appended(state.finished(), outcome),
                      state.failed()));
      case Failed(var outcome) ->
          state.failed().stream().anyMatch(known -> Costs.call(known).equals(Costs.call(outcome)))
              ? Decision.ignore(state)
              : Decision.of(
                  new Early(
                      state.since(),
                      state.cancelled(),
                      state.finished(),
                      appended(state.failed(), outcome)));
      case Due _, DeadlinePassed _ -> Decision.ignore(state);
    };
  }

  /** Answers first: one that is there already is better than any further call. */
  private static Decision catchUp(
      Decision begun, Early early, InferenceRequested request, World world) {
    var events = new ArrayList<RequestEvent>();
    early.finished().forEach(outcome -> events.add(new Finished(outcome)));
    if (early.cancelled()) {
      events.add(new Cancelled(Ending.cancelOf(request, world.now())));
    }
    early.failed().forEach(outcome -> events.add(new Failed(outcome)));
    var next = begun.next();
    var effects = new ArrayList<>(begun.effects());
    for (var event : events) {
      var decision = decide(next, event, world);
      if (overtakes(decision)) {
        effects.removeIf(Router::calls);
      }
      next = decision.next();
      effects.addAll(decision.effects());
    }
    return new Decision(next, effects);
  }

  private static boolean calls(Effect effect) {
    return effect instanceof Effect.Call || effect instanceof Effect.WaitUntil;
  }

  /** Whether a decision makes needless what was to be called before it. */
  private static boolean overtakes(Decision decision) {
    return decision.next() instanceof Done || decision.effects().stream().anyMatch(Router::calls);
  }

  private static Decision begin(InferenceRequested request, World world) {
    var now = world.now();
    if (!now.isBefore(request.getDeadlineAt())) {
      return Ending.outOfTime(request, now);
    }
    return switch (Admission.admit(request, world.table(), world.balances(), now)) {
      case Refused(var refusal) -> Ending.refused(request, refusal, now);
      case Admitted admitted -> firstCall(request, admitted, world);
    };
  }

  private static Decision firstCall(InferenceRequested request, Admitted admitted, World world) {
    var ticket = Tickets.admitted(request, admitted);
    var target = TargetChoice.first(ticket.getTargets(), world.health());
    var progress = Progress.first(target, ticket.getTargets().size(), world.now());
    var call = Tickets.call(ticket, 1, target, request.getBody(), world.now());
    return Decision.of(
        new InFlight(ticket, progress),
        new Effect.PlaceHold(admitted.hold()),
        new Effect.Call(call));
  }

  private static Decision whenOpen(Open state, RequestEvent event, World world) {
    return switch (event) {
      case Requested _ -> Decision.ignore(state);
      case Cancelled(var cancel) -> Ending.cancelled(state, cancel, world.now());
      case Finished(var outcome) -> succeeded(state, outcome, world);
      case Failed(var outcome) -> failed(state, outcome, world);
      case Due(var call) -> due(state, call, world);
      case DeadlinePassed _ -> Ending.expired(state, world.now());
    };
  }

  /** An answer is good whichever call it belongs to. */
  private static Decision succeeded(Open state, CallFinished outcome, World world) {
    return Costs.costed(state.progress().attempts(), Costs.call(outcome))
        ? Decision.ignore(state)
        : Ending.succeeded(state, outcome, world.now());
  }

  private static Decision failed(Open state, CallFailed outcome, World world) {
    if (Costs.costed(state.progress().attempts(), Costs.call(outcome))) {
      return Decision.ignore(state);
    }
    var progress =
        informed(state.progress(), outcome.getFailure())
            .with(Costs.attempt(state.ticket(), outcome));
    return switch (state) {
      case InFlight inFlight when outcome.getAttempt() == inFlight.progress().attempt() ->
          afterFailure(new InFlight(inFlight.ticket(), progress), outcome, world);
      case InFlight inFlight -> Decision.of(new InFlight(inFlight.ticket(), progress));
      case Waiting waiting -> Decision.of(new Waiting(waiting.ticket(), progress, waiting.due()));
    };
  }

  private static Decision afterFailure(InFlight state, CallFailed outcome, World world) {
    var ticket = state.ticket();
    var kind = outcome.getFailure().getKind();
    // after a crash the call may have been made by an earlier life, at another target
    var failed = Tickets.target(ticket, outcome.getCall(), state.progress().target());
    var more = another(state.progress().memory(), failed);
    var notBefore = notBefore(state, outcome.getFailure(), world.now());
    var progress = remembered(state.progress(), failed, kind, notBefore);
    var counts = FailurePolicy.counts(kind, more) || progress.uncounted() >= UNCOUNTED_MAX;
    progress = counts ? progress.countedOnce() : progress.uncountedOnce();
    var left = new InFlight(ticket, progress);
    if (progress.counted() >= ticket.getAttemptsMax()) {
      return Ending.gaveUp(left, world.now());
    }
    var choice =
        switch (FailurePolicy.step(kind, more, Duration.between(world.now(), notBefore))) {
          case GIVE_UP -> null;
          case SAME_TARGET_LATER -> new TargetChoice(failed, notBefore);
          case NEXT_TARGET ->
              TargetChoice.next(
                  ticket.getTargets(), progress.memory(), failed, world.health(), world.now());
        };
    if (choice == null || !choice.at().isBefore(deadline(ticket))) {
      return Ending.gaveUp(left, world.now());
    }
    return nextCall(left, choice, outcome.getCall(), world.now());
  }

  private static Decision nextCall(
      InFlight state, TargetChoice choice, CallAssigned failed, Instant now) {
    var ticket = state.ticket();
    var number = state.progress().attempt() + 1;
    var call = Tickets.call(ticket, number, choice.target(), failed.getBody(), now);
    if (choice.at().isAfter(now)) {
      return Decision.of(
          new Waiting(ticket, state.progress(), choice.at()),
          new Effect.WaitUntil(choice.at(), call));
    }
    return Decision.of(
        new InFlight(ticket, state.progress().calling(number, choice.target(), now)),
        new Effect.Call(call));
  }

  private static Decision due(Open state, CallAssigned call, World world) {
    var ticket = state.ticket();
    var progress = state.progress();
    if (!(state instanceof Waiting) || call.getAttempt() != progress.attempt() + 1) {
      return Decision.ignore(state);
    }
    if (!world.now().isBefore(deadline(ticket))) {
      return Ending.expired(state, world.now());
    }
    var target =
        TargetChoice.whenDue(
            ticket.getTargets(),
            progress.memory(),
            Tickets.target(ticket, call, progress.target()),
            world.health(),
            world.now());
    return Decision.of(
        new InFlight(ticket, progress.calling(call.getAttempt(), target, world.now())),
        new Effect.Call(
            Tickets.call(ticket, call.getAttempt(), target, call.getBody(), world.now())));
  }

  /** What comes after the end costs, but is never charged. */
  private static Decision whenDone(Done state, RequestEvent event, World world) {
    return switch (event) {
      case Finished(var outcome) ->
          state.costed().contains(Costs.call(outcome))
              ? Decision.ignore(state)
              : Ending.late(state, outcome, world.now());
      case Failed(var outcome) ->
          state.costed().contains(Costs.call(outcome))
              ? Decision.ignore(state)
              : Ending.late(state, outcome, world.now());
      case Requested _, Cancelled _, Due _, DeadlinePassed _ -> Decision.ignore(state);
    };
  }

  private static Progress informed(Progress progress, Failure failure) {
    var known = progress.cause();
    if (known != null
        && FailurePolicy.informs(known.getKind()) > FailurePolicy.informs(failure.getKind())) {
      return progress;
    }
    return progress.with(
        new FailureCause(
            failure.getKind(),
            shortened(failure.getMessage()),
            failure.getProviderCode(),
            failure.getRetryAfterMs()));
  }

  private static Progress remembered(
      Progress progress, int target, FailureKind kind, Instant notBefore) {
    var memory = progress.memory().get(target);
    return progress.remembering(
        target,
        new Memory(
            notBefore,
            memory.silent() || kind == FailureKind.TIMEOUT,
            memory.excluded() || FailurePolicy.excludes(kind)));
  }

  /**
   * The provider's own word counts first; without one, jitter, and never two calls within {@link
   * #BETWEEN_CALLS}.
   */
  private static Instant notBefore(InFlight state, Failure failure, Instant now) {
    var asked = asked(failure);
    if (asked != null && failure.getKind() == FailureKind.RATE_LIMITED) {
      return now.plus(asked);
    }
    var progress = state.progress();
    var later =
        later(
            now.plus(Backoff.after(state.ticket().getRequestId(), progress.attempt())),
            progress.calledAt().plus(BETWEEN_CALLS));
    return asked == null ? later : later(later, now.plus(asked));
  }

  private static @Nullable Duration asked(Failure failure) {
    var asked = failure.getRetryAfterMs();
    return asked == null || asked < 0 ? null : Duration.ofMillis(asked);
  }

  private static boolean another(List<Memory> memory, int than) {
    for (int i = 0; i < memory.size(); i++) {
      if (i != than && !memory.get(i).excluded()) {
        return true;
      }
    }
    return false;
  }

  private static Instant later(Instant left, Instant right) {
    return left.isAfter(right) ? left : right;
  }

  private static Instant deadline(RequestTicket ticket) {
    return Instant.ofEpochMilli(ticket.getDeadlineAtMs());
  }

  private static String shortened(String message) {
    return message.length() <= MESSAGE_CHARACTERS_MAX
        ? message
        : message.substring(0, MESSAGE_CHARACTERS_MAX);
  }

  private static <T> List<T> appended(List<T> list, T last) {
    var appended = new ArrayList<T>(list.size() + 1);
    appended.addAll(list);
    appended.add(last);
    return appended;
  }
}
