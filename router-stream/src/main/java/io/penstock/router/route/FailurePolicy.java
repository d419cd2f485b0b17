package io.penstock.router.route;

import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.FailureKind;
import java.time.Duration;

/** What each kind of failure leads to: the one table. */
public final class FailurePolicy {

  /** A request waits this long for a target that asks it to, rather than leave it for another. */
  static final Duration WORTH_WAITING = Duration.ofSeconds(5);

  private FailurePolicy() {}

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

  /**
   * The step after a failure.
   *
   * @param more whether the request has another target that may serve it
   * @param wait how long the failed target must be left alone
   */
  public static Step step(FailureKind kind, boolean more, Duration wait) {
    return switch (kind) {
      case RATE_LIMITED ->
          more && wait.compareTo(WORTH_WAITING) > 0 ? Step.NEXT_TARGET : Step.SAME_TARGET_LATER;
      case OVERLOADED, SERVER_ERROR, CONNECT, TIMEOUT, CUT, UNUSABLE, UNKNOWN ->
          more ? Step.NEXT_TARGET : Step.SAME_TARGET_LATER;
      case AUTHENTICATION, NOT_FOUND, PROVIDER_BUDGET -> more ? Step.NEXT_TARGET : Step.GIVE_UP;
      case BAD_REQUEST, CONTEXT_TOO_LONG, CONTENT_POLICY, CANCELLED, DEADLINE -> Step.GIVE_UP;
    };
  }

  /** Whether the target will never serve this request, however often it is asked. */
  static boolean excludes(FailureKind kind) {
    return switch (kind) {
      case AUTHENTICATION, NOT_FOUND, PROVIDER_BUDGET -> true;
      case RATE_LIMITED,
          OVERLOADED,
          SERVER_ERROR,
          CONNECT,
          TIMEOUT,
          CUT,
          UNUSABLE,
          UNKNOWN,
          BAD_REQUEST,
          CONTEXT_TOO_LONG,
          CONTENT_POLICY,
          CANCELLED,
          DEADLINE ->
          false;
    };
  }

  /**
   * Whether the failure counts as an attempt. A wait for a rate limit does not. Neither does a
   * refused connection while there is somewhere else to go: nothing was sent.
   */
  static boolean counts(FailureKind kind, boolean more) {
    return switch (kind) {
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
   * is reported.
   */
  static int informs(FailureKind kind) {
    return switch (kind) {
      case BAD_REQUEST, CONTEXT_TOO_LONG, CONTENT_POLICY, CANCELLED, DEADLINE -> 4;
      case AUTHENTICATION, NOT_FOUND, PROVIDER_BUDGET -> 3;
      case RATE_LIMITED, OVERLOADED, SERVER_ERROR, TIMEOUT, CUT, UNUSABLE -> 2;
      case CONNECT -> 1;
      case UNKNOWN -> 0;
    };
  }

  /** The code under which the caller hears of it. */
  static ErrorCode code(FailureKind kind) {
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
