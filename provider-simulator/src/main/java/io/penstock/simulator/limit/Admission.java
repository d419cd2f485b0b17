package io.penstock.simulator.limit;

import java.util.Optional;

/** Whether the limits let a call through, and what they look like afterwards. */
public sealed interface Admission {
  /** The state of the limit on requests; empty if there is none or it is hidden. */
  Optional<LimitState> requests();

  /** The state of the limit on tokens; empty if there is none or it is hidden. */
  Optional<LimitState> tokens();

  /** The call may proceed and has been counted. */
  record Admitted(Optional<LimitState> requests, Optional<LimitState> tokens)
      implements Admission {}

  /**
   * The call is refused and has not been counted.
   *
   * @param reached the limit that asks for the longer wait
   * @param perMinute that limit
   * @param requested what the call wanted of it
   * @param waitNanos time until the same call would be admitted if no other came
   */
  record Refused(
      Kind reached,
      long perMinute,
      long requested,
      long waitNanos,
      Optional<LimitState> requests,
      Optional<LimitState> tokens)
      implements Admission {}

  /** What is limited. */
  enum Kind {
    /** Requests per minute. */
    REQUESTS("requests", "RPM"),
    /** Tokens per minute. */
    TOKENS("tokens", "TPM");

    private final String wireName;
    private final String shortName;

    Kind(String wireName, String shortName) {
      this.wireName = wireName;
      this.shortName = shortName;
    }

    /** The error type in a 429. */
    public String wireName() {
      return wireName;
    }

    /** How the message of a 429 abbreviates it. */
    public String shortName() {
      return shortName;
    }
  }
}
