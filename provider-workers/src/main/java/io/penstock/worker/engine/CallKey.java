package io.penstock.worker.engine;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Names one assignment of one call of a request.
 *
 * @param requestId the request
 * @param attempt which call of it
 * @param assignedAt when it was assigned; absent once it succeeded, because then no other
 *     assignment of it matters
 */
record CallKey(String requestId, int attempt, @Nullable Instant assignedAt) {

  static CallKey of(CallAssigned call) {
    return new CallKey(call.getRequestId(), call.getAttempt(), call.getAssignedAt());
  }

  static CallKey of(CallFailed failed) {
    return of(failed.getCall());
  }

  static CallKey of(CallFinished finished) {
    return new CallKey(finished.getRequestId(), finished.getAttempt(), null);
  }

  /** The key under which its success would be known. */
  CallKey succeeded() {
    return new CallKey(requestId, attempt, null);
  }
}
