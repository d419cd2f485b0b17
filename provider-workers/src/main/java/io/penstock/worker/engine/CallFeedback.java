package io.penstock.worker.engine;

import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.limit.Feedback;
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
    var kind =
        switch (failure.getKind()) {
          case RATE_LIMITED -> Feedback.Kind.RATE_LIMITED;
          case OVERLOADED -> Feedback.Kind.OVERLOADED;
          default -> Feedback.Kind.TAKEN;
        };
    var wait = failure.getRetryAfterMs();
    Long used =
        usage != null && usage.getSource() == UsageSource.PROVIDER
            ? counted(usage)
            : kind == Feedback.Kind.TAKEN ? null : (Long) 0L;
    return new Feedback(
        tokensReserved, used, kind, wait == null ? null : Duration.ofMillis(wait), limits);
  }

  private static @Nullable Long counted(TokenUsage usage) {
    return usage.getSource() == UsageSource.PROVIDER
        ? (Long) (TokenClass.input(usage) + TokenClass.output(usage))
        : null;
  }
}
