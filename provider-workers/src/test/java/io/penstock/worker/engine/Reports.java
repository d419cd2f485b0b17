package io.penstock.worker.engine;

import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.limit.Circuit.Outcome;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.RateHeaders;
import io.penstock.worker.limit.Standing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Ends of calls for tests. */
final class Reports {

  private Reports() {}

  static CallReport served() {
    return new CallReport(
        new Feedback(0, null, Feedback.Kind.TAKEN, null, RateHeaders.NONE),
        Outcome.ANSWERED,
        Standing.GOOD,
        null,
        null,
        null,
        false);
  }

  static CallReport rateLimited(@Nullable Duration wait) {
    return new CallReport(
        new Feedback(0, 0L, Feedback.Kind.MODEL_LIMITED, wait, RateHeaders.NONE),
        Outcome.NEUTRAL,
        null,
        FailureKind.RATE_LIMITED,
        null,
        null,
        true);
  }

  static CallReport refusedCredential() {
    return new CallReport(
        new Feedback(0, 0L, Feedback.Kind.TAKEN, null, RateHeaders.NONE),
        Outcome.ANSWERED,
        Standing.BAD,
        FailureKind.AUTHENTICATION,
        null,
        null,
        true);
  }

  static CallReport failed(Outcome outcome) {
    return new CallReport(
        new Feedback(0, null, Feedback.Kind.TAKEN, null, RateHeaders.NONE),
        outcome,
        null,
        FailureKind.SERVER_ERROR,
        null,
        null,
        false);
  }
}
