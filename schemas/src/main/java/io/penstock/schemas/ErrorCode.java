package io.penstock.schemas;

import java.util.Locale;

/**
 * The registry of errors that leave Penstock: in HTTP bodies, on {@code results} and in {@code
 * usage}. Codes are never renamed or reused; where OpenAI has a code for the same thing, it is
 * OpenAI's.
 */
public enum ErrorCode {
  // the request is wrong
  INVALID_REQUEST(400, "invalid_request_error", false, Party.CALLER),
  INVALID_JSON(400, "invalid_request_error", false, Party.CALLER),
  INVALID_TYPE(400, "invalid_request_error", false, Party.CALLER),
  MISSING_REQUIRED_PARAMETER(400, "invalid_request_error", false, Party.CALLER),
  UNSUPPORTED_PARAMETER(400, "invalid_request_error", false, Party.CALLER),
  CONTEXT_LENGTH_EXCEEDED(400, "invalid_request_error", false, Party.CALLER),
  CONTENT_POLICY_VIOLATION(400, "invalid_request_error", false, Party.CALLER),
  INVALID_API_KEY(401, "invalid_request_error", false, Party.CALLER),
  PERMISSION_DENIED(403, "invalid_request_error", false, Party.ADMINISTRATOR),
  NO_TARGET(400, "invalid_request_error", false, Party.CALLER),
  MODEL_NOT_FOUND(404, "invalid_request_error", false, Party.CALLER),
  NOT_FOUND(404, "invalid_request_error", false, Party.CALLER),
  METHOD_NOT_ALLOWED(405, "invalid_request_error", false, Party.CALLER),
  CONFLICT(409, "invalid_request_error", false, Party.CALLER),
  REQUEST_TOO_LARGE(413, "invalid_request_error", false, Party.CALLER),
  UNSUPPORTED_MEDIA_TYPE(415, "invalid_request_error", false, Party.CALLER),

  // the caller's administrator can help
  BUDGET_EXCEEDED(402, "insufficient_quota", false, Party.ADMINISTRATOR),
  PRICE_UNKNOWN(422, "invalid_request_error", false, Party.ADMINISTRATOR),
  RATE_LIMIT_EXCEEDED(429, "rate_limit_error", true, Party.ADMINISTRATOR),

  // the provider failed, and so did every other target
  PROVIDER_REJECTED(400, "upstream_error", false, Party.PROVIDER),
  PROVIDER_AUTHENTICATION(502, "upstream_error", false, Party.ADMINISTRATOR),
  PROVIDER_BUDGET(502, "upstream_error", false, Party.ADMINISTRATOR),
  PROVIDER_ERROR(502, "upstream_error", true, Party.PROVIDER),
  PROVIDER_UNUSABLE_ANSWER(502, "upstream_error", true, Party.PROVIDER),
  PROVIDER_RATE_LIMITED(429, "rate_limit_error", true, Party.CAPACITY),
  PROVIDER_OVERLOADED(503, "upstream_error", true, Party.CAPACITY),
  PROVIDER_TIMEOUT(504, "upstream_error", true, Party.PROVIDER),

  // the end of waiting
  DEADLINE_EXCEEDED(504, "timeout_error", true, Party.CAPACITY),
  CANCELLED(499, "cancelled", false, Party.CALLER),
  BATCH_EXPIRED(408, "timeout_error", true, Party.CAPACITY),
  BATCH_CANCELLED(499, "cancelled", false, Party.CALLER),

  // us
  OVERLOADED(503, "server_error", true, Party.CAPACITY),
  NOT_READY(503, "server_error", true, Party.PENSTOCK),
  INTERNAL_ERROR(500, "server_error", true, Party.PENSTOCK),
  /** What a reader makes of a code that it does not know. */
  UNKNOWN(500, "server_error", true, Party.PENSTOCK);

  private final int httpStatus;
  private final String type;
  private final boolean retryable;
  private final Party party;

  ErrorCode(int httpStatus, String type, boolean retryable, Party party) {
    this.httpStatus = httpStatus;
    this.type = type;
    this.retryable = retryable;
    this.party = party;
  }

  /** The code on the wire, such as {@code model_not_found}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The code of a wire name; {@link #UNKNOWN} for one that this version does not know. */
  public static ErrorCode ofWire(String wire) {
    for (var code : values()) {
      if (code.wire().equals(wire)) {
        return code;
      }
    }
    return UNKNOWN;
  }

  /** HTTP status of an answer with this code. */
  public int httpStatus() {
    return httpStatus;
  }

  /** The {@code type} of OpenAI's error envelope. */
  public String type() {
    return type;
  }

  /** Whether the same request may succeed later. */
  public boolean retryable() {
    return retryable;
  }

  /** Who has to act. */
  public Party party() {
    return party;
  }
}
