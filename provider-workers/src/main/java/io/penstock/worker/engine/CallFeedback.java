package io.penstock.worker.engine;

import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.LimitScope;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.PoolLimiter;
import io.penstock.worker.limit.RateHeaders;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the end of a call says about the provider's limits. */
final class CallFeedback {

  private CallFeedback() {}

  /** The provider served it. */
  static Feedback served(long tokensReserved, TokenUsage usage, RateHeaders limits) {
    return new Feedback(tokensReserved, counted(usage), Feedback.Kind.TAKEN, null, limits);
  }

  /** The provider may have worked on it; nobody knows how much it counts. */
  static Feedback inDoubt(long tokensReserved, RateHeaders limits) {
    return new Feedback(tokensReserved, null, Feedback.Kind.TAKEN, null, limits);
  }

  /** The provider said no. */
  static Feedback refused(
      long tokensReserved, Failure failure, @Nullable TokenUsage usage, RateHeaders limits) {
    var kind = kind(failure);
    var wait = pause(failure);
    Long used =
        usage != null && usage.getSource() == UsageSource.PROVIDER
            ? counted(usage)
            : kind == Feedback.Kind.TAKEN ? null : (Long) 0L;
    return new Feedback(tokensReserved, used, kind, wait, limits);
  }

  private static Feedback.Kind kind(Failure failure) {
    return switch (failure.getKind()) {
      case RATE_LIMITED ->
          LimitScope.of(failure) == LimitScope.CREDENTIAL
              ? Feedback.Kind.CREDENTIAL_LIMITED
              : Feedback.Kind.MODEL_LIMITED;
      case PROVIDER_BUDGET ->
          usedUpForModel(failure) ? Feedback.Kind.MODEL_LIMITED : Feedback.Kind.TAKEN;
      case OVERLOADED -> Feedback.Kind.OVERLOADED;
      default -> Feedback.Kind.TAKEN;
    };
  }

  /** Whether a day's quota of one model is used up: the credential still serves the others. */
  static boolean usedUpForModel(Failure failure) {
    return failure.getKind() == FailureKind.PROVIDER_BUDGET
        && LimitScope.said(failure) == LimitScope.MODEL;
  }

  private static @Nullable Duration pause(Failure failure) {
    if (usedUpForModel(failure)) {
      // it will not be back soon, and asking costs little
      return PoolLimiter.PAUSE_MAX;
    }
    var wait = failure.getRetryAfterMs();
    return wait == null ? null : Duration.ofMillis(wait);
  }

  private static @Nullable Long counted(TokenUsage usage) {
    return usage.getSource() == UsageSource.PROVIDER
        ? (Long) (TokenClass.input(usage) + TokenClass.output(usage))
        : null;
  }
}
