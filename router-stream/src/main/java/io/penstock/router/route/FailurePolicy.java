package io.penstock.router.route;

import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.FailureCause;
import io.penstock.schemas.avro.FailureKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What each kind of failure leads to: the one table. Rendered, it is {@code docs/failure-table.md}.
 */
public final class FailurePolicy {

  /**
   * A request that nobody waits for waits this long for a target that asks it to, rather than leave
   * it for another, which may be dearer.
   */
  static final Duration WORTH_WAITING = Duration.ofSeconds(5);

  /**
   * A call that a caller waits for waits this long for a rate limit while another target is free:
   * about the time to a first byte, so that he hardly notices, and short pauses do not move the
   * load to a dearer target.
   */
  static final Duration HURRIED_PATIENCE = Duration.ofMillis(500);

  /** So many rate limits of one target send a request elsewhere, however short they are. */
  static final int RATE_LIMITS_MAX = 3;

  /** A target that gave so many unusable answers is asked again only where there are others. */
  static final int UNUSABLE_MAX = 2;

  /** Provider code of a call that a worker did not make, because the target's circuit is open. */
  static final String CIRCUIT_OPEN = "circuit_open";

  /** Provider code of a call that a worker did not make, because no credential is in use. */
  static final String CREDENTIALS_OUT = "credentials_out";

  /** Provider code of a parameter that the target's dialect, or its model, does not have. */
  static final String UNSUPPORTED_PARAMETER = "unsupported_parameter";

  /** Provider code of a fresh run that did not begin with what the caller had seen. */
  static final String SPLICE_MISMATCH = "splice_mismatch";

  private FailurePolicy() {}

  /**
   * A failure, as far as it matters here.
   *
   * @param providerCode the provider's code, or a worker's own
   * @param pause how long the failed target must be left alone
   * @param times failures of this kind at this target in this request, this one included
   * @param prefilled whether the call had to go on from the beginning of an answer
   * @param hurried whether a caller waits
   */
  public record Case(
      FailureKind kind,
      @Nullable String providerCode,
      Duration pause,
      int times,
      boolean prefilled,
      boolean hurried) {

    /** A first failure without particulars. */
    public static Case of(FailureKind kind) {
      return new Case(kind, null, Duration.ZERO, 1, false, false);
    }

    private boolean says(String code) {
      return code.equals(providerCode);
    }

    /** Nothing was sent, because the circuit is open. */
    private boolean circuitOpen() {
      return kind == FailureKind.OVERLOADED && says(CIRCUIT_OPEN);
    }

    /** A worker's own word: the provider was not asked about this request. */
    private boolean notMade() {
      return circuitOpen() || says(CREDENTIALS_OUT);
    }

    /** The target, not the caller, is at fault: it cannot go on from half a message. */
    private boolean prefillRejected() {
      return kind == FailureKind.BAD_REQUEST && prefilled;
    }
  }

  /** What to do next. */
  public enum Step {
    /** Call the same target again, later. */
    SAME_TARGET_LATER,
    /**
     * Call another target, at once if one is free to be called; the same one again only when none
     * is.
     */
    NEXT_TARGET,
    /** End the request. */
    GIVE_UP
  }

  /** Which targets a failure rules out for the rest of the request. */
  public enum Exclusion {
    /** None. */
    NOTHING,
    /** The failed one. */
    TARGET,
    /** All that serve the same model. */
    MODEL,
    /** All that serve the same model, and those whose context window is no larger. */
    MODEL_AND_NO_LARGER
  }

  /**
   * The step after a failure.
   *
   * @param more whether the request has another target that may serve it, those left out that the
   *     failure rules out
   */
  public static Step step(Case failure, boolean more) {
    var otherwise = more ? Step.NEXT_TARGET : Step.GIVE_UP;
    var again = more ? Step.NEXT_TARGET : Step.SAME_TARGET_LATER;
    if (failure.says(SPLICE_MISMATCH)) {
      return otherwise;
    }
    return switch (failure.kind()) {
      case RATE_LIMITED ->
          more
                  && (failure.hurried()
                      || failure.pause().compareTo(WORTH_WAITING) > 0
                      || failure.times() >= RATE_LIMITS_MAX)
              ? Step.NEXT_TARGET
              : Step.SAME_TARGET_LATER;
      case OVERLOADED, SERVER_ERROR, CONNECT, TIMEOUT, CUT, UNKNOWN -> again;
      case UNUSABLE -> failure.times() < UNUSABLE_MAX ? again : otherwise;
      case AUTHENTICATION, NOT_FOUND, PROVIDER_BUDGET, CONTEXT_TOO_LONG, CONTENT_POLICY ->
          otherwise;
      case BAD_REQUEST -> {
        if (failure.prefillRejected()) {
          yield again;
        }
        yield failure.says(UNSUPPORTED_PARAMETER) ? otherwise : Step.GIVE_UP;
      }
      case CANCELLED, DEADLINE -> Step.GIVE_UP;
    };
  }

  /** Which targets will never serve this request, however often they are asked. */
  public static Exclusion excludes(Case failure) {
    if (failure.says(SPLICE_MISMATCH)) {
      return Exclusion.TARGET;
    }
    if (failure.notMade()) {
      // it will be asked again soon
      return Exclusion.NOTHING;
    }
    return switch (failure.kind()) {
      case AUTHENTICATION, NOT_FOUND, PROVIDER_BUDGET -> Exclusion.TARGET;
      case CONTEXT_TOO_LONG -> Exclusion.MODEL_AND_NO_LARGER;
      case CONTENT_POLICY -> Exclusion.MODEL;
      case BAD_REQUEST ->
          failure.says(UNSUPPORTED_PARAMETER) ? Exclusion.TARGET : Exclusion.NOTHING;
      case RATE_LIMITED,
          OVERLOADED,
          SERVER_ERROR,
          CONNECT,
          TIMEOUT,
          CUT,
          // who answered nonsense may be the only one left when the others go down
          UNUSABLE,
          UNKNOWN,
          CANCELLED,
          DEADLINE ->
          Exclusion.NOTHING;
    };
  }

  /**
   * Whether the failure counts as an attempt. A wait for a rate limit does not. Neither does a
   * refused connection while there is somewhere else to go, or a call that the worker did not make:
   * nothing was sent. But a caller who waits is not kept waiting for minutes for the one target
   * that there is, when its circuit stays open.
   */
  public static boolean counts(Case failure, boolean more) {
    if (failure.notMade()) {
      return failure.circuitOpen() && failure.hurried() && !more;
    }
    return switch (failure.kind()) {
      case RATE_LIMITED -> false;
      case CONNECT -> !more;
      case OVERLOADED,
          SERVER_ERROR,
          TIMEOUT,
          CUT,
          UNUSABLE,
          UNKNOWN,
          AUTHENTICATION,
          NOT_FOUND,
          PROVIDER_BUDGET,
          BAD_REQUEST,
          CONTEXT_TOO_LONG,
          CONTENT_POLICY,
          CANCELLED,
          DEADLINE ->
          true;
    };
  }

  /**
   * How much a failure tells the caller about what to change; of several, the one that tells most
   * is reported. What only follows from an earlier failure tells nothing.
   */
  static int informs(Case failure) {
    if (failure.circuitOpen() || failure.prefillRejected() || failure.says(SPLICE_MISMATCH)) {
      return 0;
    }
    return switch (failure.kind()) {
      case BAD_REQUEST, CONTEXT_TOO_LONG, CONTENT_POLICY, CANCELLED, DEADLINE -> 4;
      case AUTHENTICATION, NOT_FOUND, PROVIDER_BUDGET -> 3;
      case RATE_LIMITED, OVERLOADED, SERVER_ERROR, TIMEOUT, CUT, UNUSABLE -> 2;
      case CONNECT -> 1;
      case UNKNOWN -> 0;
    };
  }

  /** The code under which the caller hears of it. */
  static ErrorCode code(FailureCause failure) {
    return failure.getKind() == FailureKind.BAD_REQUEST
            && UNSUPPORTED_PARAMETER.equals(failure.getProviderCode())
        ? ErrorCode.UNSUPPORTED_PARAMETER
        : code(failure.getKind());
  }

  /** The code of a kind of failure of which nothing more is known. */
  public static ErrorCode code(FailureKind kind) {
    return switch (kind) {
      case BAD_REQUEST -> ErrorCode.PROVIDER_REJECTED;
      case CONTEXT_TOO_LONG -> ErrorCode.CONTEXT_LENGTH_EXCEEDED;
      case CONTENT_POLICY -> ErrorCode.CONTENT_POLICY_VIOLATION;
      case AUTHENTICATION -> ErrorCode.PROVIDER_AUTHENTICATION;
      case PROVIDER_BUDGET -> ErrorCode.PROVIDER_BUDGET;
      case RATE_LIMITED -> ErrorCode.PROVIDER_RATE_LIMITED;
      case OVERLOADED -> ErrorCode.PROVIDER_OVERLOADED;
      case TIMEOUT -> ErrorCode.PROVIDER_TIMEOUT;
      case UNUSABLE -> ErrorCode.PROVIDER_UNUSABLE_ANSWER;
      case NOT_FOUND, SERVER_ERROR, CONNECT, CUT, UNKNOWN -> ErrorCode.PROVIDER_ERROR;
      case CANCELLED -> ErrorCode.CANCELLED;
      case DEADLINE -> ErrorCode.DEADLINE_EXCEEDED;
    };
  }
}
