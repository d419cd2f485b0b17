package io.penstock.worker.limit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an ended call says about the provider's limits.
 *
 * @param tokensReserved what its permit reserved
 * @param tokensUsed what it used; absent when nobody knows
 * @param kind how the provider took it
 * @param pause how long the provider wants to be left alone; absent when it did not say
 * @param headers its limit headers
 */
public record Feedback(
    long tokensReserved,
    @Nullable Long tokensUsed,
    Kind kind,
    @Nullable Duration pause,
    RateHeaders headers) {

  /** How the provider took a call. */
  public enum Kind {
    /** It worked on it. */
    TAKEN,
    /** 429: too many requests or tokens of this model. */
    MODEL_LIMITED,
    /** 429: too many requests or tokens of all models of the credential together. */
    CREDENTIAL_LIMITED,
    /** It has no capacity. */
    OVERLOADED
  }

  /** Whether there were too many requests or tokens. */
  public boolean limited() {
    return kind == Kind.MODEL_LIMITED || kind == Kind.CREDENTIAL_LIMITED;
  }

  /** A permit that was not used after all. */
  public static Feedback unused(long tokensReserved) {
    return new Feedback(tokensReserved, 0L, Kind.TAKEN, null, RateHeaders.NONE);
  }
}
