package io.penstock.router.route;

import io.penstock.router.admit.Admission;
import io.penstock.router.admit.Admission.Admitted;
import io.penstock.router.admit.Admission.Refused;
import io.penstock.router.pace.Pace.Turn;
import io.penstock.router.pace.Paced;
import io.penstock.router.route.Progress.Memory;
import io.penstock.router.route.RequestEvent.Cancelled;
import io.penstock.router.route.RequestEvent.DeadlinePassed;
import io.penstock.router.route.RequestEvent.Due;
import io.penstock.router.route.RequestEvent.Failed;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.Cancelling;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.Early;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.router.route.RequestState.Open;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.route.RequestState.Waiting;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureCause;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.PinnedTarget;
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
  static final int UNCOUNTED_MAX = 100;

  /**
   * A request calls one target at most once in this time, unless the target itself named a shorter
   * one, and makes at most two calls in it whatever their targets.
   */
  static final Duration BETWEEN_CALLS = Duration.ofMillis(1500);

  /**
   * How long a cancelled stream may take to say what it has produced; the watchdog's grace comes on
   * top.
   */
  static final Duration CANCEL_MAX = Duration.ofSeconds(20);

  private static final int MESSAGE_CHARACTERS_MAX = 1000;

  private Router() {}

  /** What follows from an event. */
  public static Decision decide(RequestState state, RequestEvent event, World world) {
    return switch (state) {
      case Unknown unknown -> whenUnknown(unknown, event, world);
      case Early early -> whenEarly(early, event, world);
      case Open open -> ended(open, event, whenOpen(open, event, world), world);
      case Done done -> whenDone(done, event, world);
    };
  }

  /** What every end has in common, whatever brought it about. */
  private static Decision ended(Open before, RequestEvent event, Decision decision, World world) {
    return Repeating.ended(before, event, Pacing.ended(before, event, decision), world);
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

  /**
   * Answers first: one that is there already is better than any further call. Then what a cancelled
   * call has produced, because it is charged.
   */
  private static Decision catchUp(
      Decision begun, Early early, InferenceRequested request, World world) {
    var events = new ArrayList<RequestEvent>();
    early.finished().forEach(outcome -> events.add(new Finished(outcome)));
    early.failed().stream().filter(Router::stopped).forEach(each -> events.add(new Failed(each)));
    if (early.cancelled()) {
      events.add(new Cancelled(Ending.cancelOf(request, world.now())));
    }
    early.failed().stream()
        .filter(each -> !stopped(each))
        .forEach(each -> events.add(new Failed(each)));
    var next = begun.next();
    var effects = new ArrayList<>(begun.effects());
    for (var event : events) {
      var decision =
          event instanceof Cancelled(var cancel) && next instanceof Open open
              ? ended(open, event, Ending.cancelled(open, cancel.getReason(), world.now()), world)
              : decide(next, event, world);
      if (overtakes(decision)) {
        effects.removeIf(Router::calls);
      }
      next = decision.next();
      effects.addAll(decision.effects());
    }
    return new Decision(next, effects);
  }

  private static boolean stopped(CallFailed outcome) {
    return outcome.getFailure().getKind() == FailureKind.CANCELLED;
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
    var repeated = Repeating.repeated(request, world);
    if (repeated != null) {
      return repeated;
    }
    var before = Refusing.before(request, world.refusals());
    if (before != null) {
      return Ending.refused(request, before, null, Paced.UNLIMITED, now)
          .and(new Effect.CountRefusal(before));
    }
    var admission =
        Admission.admit(
            request, world.table(), world.health(), world.balances(), world.levels(), now);
    return switch (admission) {
      case Refused refused -> Refusing.refused(request, refused, now);
      case Admitted admitted -> firstCall(request, admitted, world);
    };
  }

  private static Decision firstCall(InferenceRequested request, Admitted admitted, World world) {
    var ticket = Tickets.admitted(request, admitted);
    var target = admitted.selected().first();
    var progress = Progress.first(target, ticket.getTargets().size(), world.now());
    var call = call(ticket, progress, 1, target, request.getBody(), world);
    var decision = Repeating.begun(ticket, begun(ticket, progress, call, admitted, world));
    for (var alert : admitted.hold().alerts()) {
      decision = decision.and(new Effect.Audit(Alarms.threshold(alert, world.now())));
    }
    return decision;
  }

  private static Decision begun(
      RequestTicket ticket, Progress progress, CallAssigned call, Admitted admitted, World world) {
    var later = admitted.paced().later();
    if (later != null) {
      return Pacing.waiting(ticket, progress, later, call, world.now())
          .and(new Effect.PlaceHold(admitted.hold()));
    }
    var decision =
        Decision.of(
            new InFlight(ticket, progress),
            new Effect.PlaceHold(admitted.hold()),
            new Effect.Call(call));
    var taking = admitted.paced().taking();
    return taking.takes().isEmpty() ? decision : decision.and(new Effect.TakePace(taking));
  }

  private static Decision whenOpen(Open state, RequestEvent event, World world) {
    return switch (event) {
      case Requested _ -> Decision.ignore(state);
      case Cancelled(var cancel) -> cancelled(state, cancel, world.now());
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

  /**
   * Whoever reads a stream and hangs up owes what was produced by then, so the end waits for the
   * worker's word. Nobody else does.
   */
  private static Decision cancelled(Open state, CancelRequested cancel, Instant now) {
    return switch (state) {
      case Cancelling _ -> Decision.ignore(state);
      case InFlight running when Tickets.streams(running.ticket()) ->
          Decision.of(
              new Cancelling(
                  running.ticket(),
                  running.progress(),
                  cancel.getReason(),
                  earlier(now.plus(CANCEL_MAX), running.until())),
              Ending.cancelCall(running.ticket(), now));
      case InFlight _, Waiting _ -> Ending.cancelled(state, cancel.getReason(), now);
    };
  }

  private static Decision failed(Open state, CallFailed outcome, World world) {
    if (Costs.costed(state.progress().attempts(), Costs.call(outcome))) {
      return Decision.ignore(state);
    }
    var current = outcome.getAttempt() == state.progress().attempt();
    var progress = state.progress().with(Costs.attempt(state.ticket(), outcome));
    return switch (state) {
      case InFlight running when current ->
          afterFailure(new InFlight(running.ticket(), progress), outcome, world);
      case InFlight running -> Decision.of(new InFlight(running.ticket(), progress));
      case Waiting waiting -> Decision.of(new Waiting(waiting.ticket(), progress, waiting.due()));
      case Cancelling ending -> {
        var left = new Cancelling(ending.ticket(), progress, ending.reason(), ending.until());
        if (!current) {
          yield Decision.of(left);
        }
        yield stopped(outcome)
            ? Ending.stopped(left, outcome, ending.reason(), world.now())
            : Ending.cancelled(left, ending.reason(), world.now());
      }
    };
  }

  private static Decision afterFailure(InFlight state, CallFailed outcome, World world) {
    var ticket = state.ticket();
    if (stopped(outcome)) {
      return Ending.stopped(state, outcome, outcome.getFailure().getMessage(), world.now());
    }
    // after a crash the call may have been made by an earlier life, at another target
    var failed = Tickets.target(ticket, outcome.getCall(), state.progress().target());
    var notBefore = notBefore(state, outcome.getFailure(), world.now());
    var failure = described(state, outcome, failed, Duration.between(world.now(), notBefore));
    var progress = informed(state.progress(), failure, outcome.getFailure());
    progress = remembered(progress.seen(outcome.getDelivered()), failed, failure, notBefore);
    progress = excluded(ticket, progress, failed, FailurePolicy.excludes(failure), world);
    var more = another(progress.memory(), failed);
    var counts = FailurePolicy.counts(failure, more) || progress.uncounted() >= UNCOUNTED_MAX;
    progress = counts ? progress.countedOnce() : progress.uncountedOnce();
    var left = new InFlight(ticket, progress);
    if (exhausted(ticket, progress)) {
      return Ending.gaveUp(left, world.now());
    }
    var choice =
        switch (FailurePolicy.step(failure, more)) {
          case GIVE_UP -> null;
          case SAME_TARGET_LATER -> new TargetChoice(failed, notBefore);
          case NEXT_TARGET ->
              TargetChoice.next(ticket.getTargets(), progress, failed, world.health(), world.now());
        };
    if (choice == null) {
      return Ending.gaveUp(left, world.now());
    }
    var at = later(choice.at(), progress.pace(BETWEEN_CALLS, world.now()));
    if (!at.isBefore(deadline(ticket))) {
      return Ending.gaveUp(left, world.now());
    }
    return nextCall(left, new TargetChoice(choice.target(), at), outcome.getCall(), world);
  }

  /** Whether no further call may be made, whatever failed. */
  private static boolean exhausted(RequestTicket ticket, Progress progress) {
    var seen = progress.delivered();
    var costMax = ticket.getCostMaxNanoUsd();
    return progress.counted() >= ticket.getAttemptsMax()
        || (costMax != null && progress.cost() >= costMax)
        || (seen != null && !Tickets.continues(ticket, seen));
  }

  private static FailurePolicy.Case described(
      InFlight state, CallFailed outcome, int failed, Duration pause) {
    var failure = outcome.getFailure();
    var target = state.ticket().getTargets().get(failed);
    var continuation = outcome.getCall().getContinuation();
    return new FailurePolicy.Case(
        failure.getKind(),
        inexpressible(failure) ? FailurePolicy.UNSUPPORTED_PARAMETER : failure.getProviderCode(),
        pause,
        state.progress().failures(target, failure.getKind()),
        continuation != null && continuation.getBy() == ContinueBy.PREFILL,
        hurried(state.ticket()));
  }

  /** Refused without a provider's status: the worker could not say it in the target's dialect. */
  private static boolean inexpressible(Failure failure) {
    return failure.getKind() == FailureKind.BAD_REQUEST && failure.getHttpStatus() == null;
  }

  private static Progress excluded(
      RequestTicket ticket,
      Progress progress,
      int failed,
      FailurePolicy.Exclusion exclusion,
      World world) {
    return switch (exclusion) {
      case NOTHING -> progress;
      case TARGET -> progress.excluding(failed);
      case MODEL -> excluding(ticket, progress, failed, false, world);
      case MODEL_AND_NO_LARGER -> excluding(ticket, progress, failed, true, world);
    };
  }

  private static Progress excluding(
      RequestTicket ticket, Progress progress, int failed, boolean noLarger, World world) {
    var culprit = ticket.getTargets().get(failed);
    var window = window(culprit, world);
    var left = progress;
    for (int i = 0; i < ticket.getTargets().size(); i++) {
      var target = ticket.getTargets().get(i);
      var own = window(target, world);
      if (target.getUpstreamModel().equals(culprit.getUpstreamModel())
          || (noLarger && window != null && own != null && own <= window)) {
        left = left.excluding(i);
      }
    }
    return left;
  }

  private static @Nullable Long window(PinnedTarget target, World world) {
    return world.table().contextWindow(target.getPool(), target.getUpstreamModel());
  }

  private static Decision nextCall(
      InFlight state, TargetChoice choice, CallAssigned failed, World world) {
    var ticket = state.ticket();
    var now = world.now();
    var number = state.progress().attempt() + 1;
    var call = call(ticket, state.progress(), number, choice.target(), failed.getBody(), world);
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
    if (Pacing.waitsForTurn(progress)) {
      return switch (Pacing.turn(ticket, world)) {
        case Turn.Later later -> Pacing.waiting(ticket, progress, later, call, world.now());
        case Turn.Now(var taking) -> {
          var admitted = Pacing.taking(ticket, taking);
          yield called(admitted, progress, call, world).and(new Effect.TakePace(taking));
        }
      };
    }
    return called(ticket, progress, call, world);
  }

  private static Decision called(
      RequestTicket ticket, Progress progress, CallAssigned call, World world) {
    var target =
        TargetChoice.whenDue(
            ticket.getTargets(),
            progress,
            Tickets.target(ticket, call, progress.target()),
            world.health(),
            world.now());
    return Decision.of(
        new InFlight(ticket, progress.calling(call.getAttempt(), target, world.now())),
        new Effect.Call(call(ticket, progress, call.getAttempt(), target, call.getBody(), world)));
  }

  /**
   * A call; one that is soon given back when it would have to wait, where that helps its caller.
   */
  private static CallAssigned call(
      RequestTicket ticket, Progress progress, int number, int target, Payload body, World world) {
    var call = Tickets.call(ticket, progress, number, target, body, world.now());
    if (hurried(ticket)
        && TargetChoice.freeElsewhere(
            ticket.getTargets(), progress, target, world.health(), world.now())) {
      call.setPatienceMs(FailurePolicy.HURRIED_PATIENCE.toMillis());
    }
    return call;
  }

  private static boolean hurried(RequestTicket ticket) {
    return ticket.getLane() == Lane.INTERACTIVE;
  }

  /**
   * What comes after the end costs, but is not charged: its caller got another answer. Unless none
   * of its calls is known at all: then an earlier life of the router made it, and its caller may
   * have been answered.
   */
  private static Decision whenDone(Done state, RequestEvent event, World world) {
    return switch (event) {
      case Finished(var outcome) -> {
        if (state.costed().contains(Costs.call(outcome))) {
          yield Decision.ignore(state);
        }
        var ticket = state.ticket();
        yield Tickets.neverCalled(ticket) && Repeating.free(ticket, world.repeats())
            ? Repeating.answeredBefore(state, outcome, world)
            : Ending.late(state, outcome, world.now());
      }
      case Failed(var outcome) ->
          state.costed().contains(Costs.call(outcome))
              ? Decision.ignore(state)
              : Ending.late(state, outcome, world.now());
      case Requested _, Cancelled _, Due _, DeadlinePassed _ -> Decision.ignore(state);
    };
  }

  /** The failure that tells most; of equals, the last. */
  private static Progress informed(
      Progress progress, FailurePolicy.Case described, Failure failure) {
    var known = progress.cause();
    if (known != null && informs(known) > FailurePolicy.informs(described)) {
      return progress;
    }
    return progress.with(
        new FailureCause(
            failure.getKind(),
            shortened(failure.getMessage()),
            failure.getProviderCode(),
            failure.getRetryAfterMs()));
  }

  private static int informs(FailureCause known) {
    return FailurePolicy.informs(
        new FailurePolicy.Case(
            known.getKind(), known.getProviderCode(), Duration.ZERO, 1, false, false));
  }

  private static Progress remembered(
      Progress progress, int target, FailurePolicy.Case failure, Instant notBefore) {
    var memory = progress.memory().get(target);
    return progress.remembering(
        target,
        new Memory(
            notBefore,
            memory.silent() || failure.kind() == FailureKind.TIMEOUT,
            memory.excluded()));
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

  private static Instant earlier(Instant left, Instant right) {
    return left.isBefore(right) ? left : right;
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
