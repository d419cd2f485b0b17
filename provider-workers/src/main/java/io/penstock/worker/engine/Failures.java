package io.penstock.worker.engine;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.engine.Dispatcher.Refusal;
import io.penstock.worker.http.UpstreamResult.Broken;
import io.penstock.worker.http.UpstreamResult.Cancelled;
import io.penstock.worker.http.UpstreamResult.CutOff;
import io.penstock.worker.http.UpstreamResult.NotConnected;
import io.penstock.worker.http.UpstreamResult.OutOfTime;
import io.penstock.worker.http.UpstreamResult.TimedOut;
import io.penstock.worker.http.UpstreamResult.TooLarge;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Failures that we see ourselves, where no provider says anything. */
final class Failures {

  private Failures() {}

  static Failure of(FailureKind kind, @Nullable Integer status, String message) {
    return new Failure(kind, status, null, message, null, null);
  }

  /** A call that is not made. */
  static Failure of(Refusal refusal) {
    return switch (refusal) {
      case Refusal.DeadlinePassed() -> deadlinePassed();
      case Refusal.Cancelled() -> cancelled();
      case Refusal.Paused(var left) ->
          new Failure(
              FailureKind.RATE_LIMITED,
              null,
              null,
              "the provider's limits leave no room for the call at present",
              Math.max(1, left.toMillis()),
              null);
      case Refusal.CircuitOpen(var left) ->
          new Failure(
              FailureKind.OVERLOADED,
              null,
              "circuit_open",
              "the model does not answer at present",
              Math.max(1, left.toMillis()),
              null);
      case Refusal.CredentialsOut(var kind, var left) ->
          new Failure(
              kind,
              null,
              "credentials_out",
              "the provider refuses the pool's credentials",
              Math.max(1, left.toMillis()),
              null);
    };
  }

  /** A call without a whole answer. */
  static Failure of(Broken broken, CallAssigned call, Instant now) {
    return switch (broken) {
      case NotConnected(var message) -> of(FailureKind.CONNECT, null, message);
      case TimedOut(var message) -> of(FailureKind.TIMEOUT, null, message);
      case OutOfTime(var message, var status) ->
          call.getDeadlineAt().isAfter(now)
              ? of(FailureKind.TIMEOUT, status, message)
              : of(FailureKind.DEADLINE, status, "the request's deadline passed meanwhile");
      case CutOff(var message, var status, _) -> of(FailureKind.CUT, status, message);
      case TooLarge(var message, var status) -> of(FailureKind.UNUSABLE, status, message);
      case Cancelled(var message) -> of(FailureKind.CANCELLED, null, message);
    };
  }

  static Failure deadlinePassed() {
    return of(FailureKind.DEADLINE, null, "the request's deadline passed before the call began");
  }

  static Failure cancelled() {
    return of(FailureKind.CANCELLED, null, "the request was cancelled before the call began");
  }
}
