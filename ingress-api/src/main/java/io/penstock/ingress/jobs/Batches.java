package io.penstock.ingress.jobs;

import io.penstock.ingress.jobs.BatchEvent.Advanced;
import io.penstock.ingress.jobs.BatchEvent.CancelRequested;
import io.penstock.ingress.jobs.BatchEvent.Created;
import io.penstock.ingress.jobs.BatchEvent.Expired;
import io.penstock.ingress.jobs.BatchEvent.FilesWritten;
import io.penstock.ingress.jobs.BatchEvent.LineFinished;
import io.penstock.ingress.jobs.BatchEvent.Rejected;
import io.penstock.ingress.jobs.BatchEvent.Sighting;
import io.penstock.ingress.jobs.BatchEvent.Tick;
import io.penstock.ingress.jobs.BatchEvent.Validated;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Unknown;
import io.penstock.ingress.jobs.BatchState.Validating;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.Decision.Effect;
import io.penstock.ingress.jobs.Stop.Reason;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The life of a batch: pure, total, and without a clock. An event that does not fit the state is
 * ignored.
 */
public final class Batches {

  private Batches() {}

  public static Decision decide(BatchState state, BatchEvent event) {
    return switch (state) {
      case Unknown unknown -> whenUnknown(unknown, event);
      case Validating validating -> whenValidating(validating, event);
      case Running running -> whenRunning(running, event);
      case Writing writing -> whenWriting(writing, event);
      case Ended ended -> Decision.ignore(ended);
    };
  }

  private static Decision whenUnknown(Unknown state, BatchEvent event) {
    return switch (event) {
      case Created(var terms) -> Decision.of(new Validating(terms), Effect.LIST);
      case Validated _, Rejected _, Advanced _, LineFinished _ -> Decision.ignore(state);
      case CancelRequested _, Expired _, Tick _, FilesWritten _ -> Decision.ignore(state);
    };
  }

  private static Decision whenValidating(Validating state, BatchEvent event) {
    return switch (event) {
      case Validated(var requests, var model, var at) ->
          Decision.of(
              new Running(
                  state.terms(), new Work(requests, model, at), Cursor.START, Tally.NONE, null));
      case Rejected(var problems, var at) -> endUnread(state, Ending.FAILED, null, problems, at);
      // nothing was dispatched and nobody knows the lines yet, so there is nothing to wait for or
      // to write
      case CancelRequested(var at) ->
          endUnread(state, Ending.CANCELLED, new Stop(Reason.CANCELLED, at), List.of(), at);
      case Expired(var at) ->
          endUnread(state, Ending.EXPIRED, new Stop(Reason.EXPIRED, at), List.of(), at);
      case Created _, Advanced _, LineFinished _, Tick _, FilesWritten _ -> Decision.ignore(state);
    };
  }

  private static Decision endUnread(
      Validating state,
      Ending ending,
      @Nullable Stop stop,
      List<LineProblem> problems,
      Instant at) {
    return Decision.of(
        new Ended(
            state.terms(),
            ending,
            at,
            null,
            Cursor.START,
            Tally.NONE,
            stop,
            null,
            OutputFiles.NONE,
            problems),
        Effect.RELEASE);
  }

  private static Decision whenRunning(Running state, BatchEvent event) {
    return switch (event) {
      case Advanced(var cursor, var at) -> {
        var next = state.cursor().furthest(cursor);
        yield Decision.of(with(state, next, state.tally(), state.stop(), at));
      }
      case LineFinished(var sighting, var delta, var at) when sighting == Sighting.FIRST ->
          Decision.of(
              with(state, state.cursor(), state.tally().plus(delta), state.stop(), at),
              Effect.KEEP_LINE);
      case CancelRequested(var at) -> stop(state, new Stop(Reason.CANCELLED, at));
      case Expired(var at) -> stop(state, new Stop(Reason.EXPIRED, at));
      case Tick(var at, var grace) ->
          state.stop() != null && !at.isBefore(state.stop().at().plus(grace))
              ? Decision.of(writing(state, at))
              : Decision.ignore(state);
      case LineFinished _, Created _, Validated _, Rejected _, FilesWritten _ ->
          Decision.ignore(state);
    };
  }

  private static Decision stop(Running state, Stop stop) {
    if (state.stop() != null) {
      return Decision.ignore(state);
    }
    return Decision.of(with(state, state.cursor(), state.tally(), stop, stop.at()));
  }

  private static BatchState with(
      Running state, Cursor cursor, Tally tally, @Nullable Stop stop, Instant at) {
    var next = new Running(state.terms(), state.work(), cursor, tally, stop);
    return nothingToWaitFor(next) ? writing(next, at) : next;
  }

  private static boolean nothingToWaitFor(Running state) {
    var finished = state.tally().finished();
    if (finished >= state.work().requests()) {
      return true;
    }
    // what the pump sent after its last report is known only once it has said that it stopped
    return state.stop() != null
        && state.cursor().stopped()
        && finished >= state.cursor().dispatched();
  }

  private static Writing writing(Running state, Instant at) {
    return new Writing(
        state.terms(), state.work(), state.cursor(), state.tally(), state.stop(), at);
  }

  private static Decision whenWriting(Writing state, BatchEvent event) {
    return switch (event) {
      case FilesWritten(var files, var at) ->
          Decision.of(
              new Ended(
                  state.terms(),
                  ending(state.stop()),
                  at,
                  state.work(),
                  state.cursor(),
                  state.tally(),
                  state.stop(),
                  state.at(),
                  files,
                  List.of()),
              Effect.RELEASE);
      case Created _, Validated _, Rejected _, Advanced _, LineFinished _ -> Decision.ignore(state);
      case CancelRequested _, Expired _, Tick _ -> Decision.ignore(state);
    };
  }

  private static Ending ending(@Nullable Stop stop) {
    if (stop == null) {
      return Ending.COMPLETED;
    }
    return switch (stop.reason()) {
      case CANCELLED -> Ending.CANCELLED;
      case EXPIRED -> Ending.EXPIRED;
    };
  }
}
