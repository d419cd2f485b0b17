package io.penstock.router.route;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.InferenceRequested;

/** What can happen to a request; each may come late, twice or before its time. */
public sealed interface RequestEvent {

  /** Ingress accepted it. */
  record Requested(InferenceRequested request) implements RequestEvent {}

  /** The caller no longer wants it. */
  record Cancelled(CancelRequested cancel) implements RequestEvent {}

  /** A call ended with an answer. */
  record Finished(CallFinished outcome) implements RequestEvent {}

  /** A call failed. */
  record Failed(CallFailed outcome) implements RequestEvent {}

  /** The time of a waiting call has come. */
  record Due(CallAssigned call) implements RequestEvent {}

  /** Nobody wants the answer any more, and no worker said so. */
  record DeadlinePassed() implements RequestEvent {}
}
