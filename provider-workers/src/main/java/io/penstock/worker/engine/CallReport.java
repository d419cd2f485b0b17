package io.penstock.worker.engine;

import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.limit.Circuit.Outcome;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.Standing;
import io.penstock.worker.limit.TokenCount;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a call says about the provider.
 *
 * @param feedback about its limits
 * @param outcome about its health
 * @param standing about the credential; absent when nothing
 * @param failure why it failed; absent when it did not
 * @param firstByte time to the first byte; absent when there was none
 * @param used tokens that count in limits on input and output; absent when nobody knows
 * @param repeatable whether the provider did nothing and the caller saw nothing of this call
 */
record CallReport(
    Feedback feedback,
    Outcome outcome,
    @Nullable Standing standing,
    @Nullable FailureKind failure,
    @Nullable Duration firstByte,
    @Nullable TokenCount used,
    boolean repeatable) {

  private static final int FORBIDDEN = 403;
  private static final int SERVER_ERRORS = 500;

  static CallReport of(CallEnd end) {
    return switch (end) {
      case CallEnd.Succeeded(var finished, _, var feedback) -> {
        var first = finished.getFirstByteAt();
        var usage = finished.getUsage();
        var cached = usage.getInputCacheRead();
        yield new CallReport(
            feedback,
            Outcome.ANSWERED,
            Standing.GOOD,
            null,
            first == null ? null : Duration.between(finished.getStartedAt(), first),
            feedback.tokensUsed() == null
                ? null
                // what comes from a cache does not count where input is limited by itself
                : new TokenCount(
                    TokenClass.input(usage) - (cached == null ? 0 : cached),
                    TokenClass.output(usage)),
            false);
      }
      case CallEnd.Failed(var failed, var feedback) ->
          new CallReport(
              feedback,
              outcome(failed.getFailure()),
              standing(failed.getFailure()),
              failed.getFailure().getKind(),
              null,
              null,
              repeatable(failed));
    };
  }

  /** The same of a pool that has no credential: there is none to leave out of use. */
  CallReport withoutCredential() {
    return standing == null
        ? this
        : new CallReport(feedback, outcome, null, failure, firstByte, used, false);
  }

  private static Outcome outcome(Failure failure) {
    var status = failure.getHttpStatus();
    return switch (failure.getKind()) {
      case SERVER_ERROR, OVERLOADED, CUT -> Outcome.FAULTY;
      case TIMEOUT -> status == null ? Outcome.SILENT : Outcome.FAULTY;
      case CONNECT -> Outcome.SILENT;
      // without the provider's status it is our own failure
      case UNKNOWN -> status != null && status >= SERVER_ERRORS ? Outcome.FAULTY : Outcome.NEUTRAL;
      case RATE_LIMITED, DEADLINE, CANCELLED -> Outcome.NEUTRAL;
      case BAD_REQUEST,
          AUTHENTICATION,
          NOT_FOUND,
          CONTEXT_TOO_LONG,
          CONTENT_POLICY,
          PROVIDER_BUDGET,
          UNUSABLE ->
          status == null ? Outcome.NEUTRAL : Outcome.ANSWERED;
    };
  }

  private static @Nullable Standing standing(Failure failure) {
    var status = failure.getHttpStatus();
    return switch (failure.getKind()) {
      case AUTHENTICATION ->
          status != null && status == FORBIDDEN ? Standing.DOUBTFUL : Standing.BAD;
      case PROVIDER_BUDGET -> CallFeedback.usedUpForModel(failure) ? null : Standing.BAD;
      default -> null;
    };
  }

  private static boolean repeatable(CallFailed failed) {
    var repeatable =
        switch (failed.getFailure().getKind()) {
          case RATE_LIMITED, AUTHENTICATION, PROVIDER_BUDGET ->
              failed.getFailure().getHttpStatus() != null;
          default -> false;
        };
    var continuation = failed.getCall().getContinuation();
    var before = continuation == null ? null : continuation.getDelivered();
    return repeatable && failed.getUsage() == null && Objects.equals(before, failed.getDelivered());
  }
}
