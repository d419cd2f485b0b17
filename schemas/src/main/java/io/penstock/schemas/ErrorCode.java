package io.penstock.schemas;

import java.util.Locale;

/**
 * The registry of errors that leave Penstock: in HTTP bodies, on {@code results} and in {@code
 * usage}. Codes are never renamed or reused; where OpenAI has a code for the same thing, it is
 * OpenAI's.
 */
public enum ErrorCode {
  // the request is wrong
  INVALID_REQUEST(
      400,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The request is wrong; the message and `param` say where."),
  INVALID_JSON(
      400,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The body, or a line of a file, is no JSON, or is nested too deep."),
  INVALID_TYPE(400, "invalid_request_error", false, Party.CALLER, "A field has the wrong type."),
  MISSING_REQUIRED_PARAMETER(
      400, "invalid_request_error", false, Party.CALLER, "A field is missing."),
  UNSUPPORTED_PARAMETER(
      400,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The provider has no such parameter; leave it out, or let the model drop it (`policy.unsupported`)."),
  CONTEXT_LENGTH_EXCEEDED(
      400,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The prompt fits into no target of the model."),
  CONTENT_POLICY_VIOLATION(
      400,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The provider refuses the prompt for what it says."),
  INVALID_API_KEY(
      401,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The key is not known, no longer active or expired."),
  PERMISSION_DENIED(
      403, "invalid_request_error", false, Party.ADMINISTRATOR, "The key may not do this."),
  NO_TARGET(
      400,
      "invalid_request_error",
      false,
      Party.CALLER,
      "No target of the model can serve this request; the message names the reason of each."),
  MODEL_NOT_FOUND(
      404,
      "invalid_request_error",
      false,
      Party.CALLER,
      "There is no such model, or no pool serves it."),
  NOT_FOUND(
      404,
      "invalid_request_error",
      false,
      Party.CALLER,
      "There is no such thing, or it is not yours."),
  METHOD_NOT_ALLOWED(
      405,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The address exists, but not for this method."),
  CONFLICT(
      409,
      "invalid_request_error",
      false,
      Party.CALLER,
      "It was changed or used otherwise in the meantime; read again and decide anew."),
  IDEMPOTENCY_KEY_REUSED(
      422,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The `Idempotency-Key` belongs to another request; give every request its own."),
  REQUEST_TOO_LARGE(
      413,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The body or the file is larger than this installation takes."),
  UNSUPPORTED_MEDIA_TYPE(
      415,
      "invalid_request_error",
      false,
      Party.CALLER,
      "The `content-type` is not what this address takes."),

  // the caller's administrator can help
  BUDGET_EXCEEDED(
      402,
      "insufficient_quota",
      false,
      Party.ADMINISTRATOR,
      "A budget or the credit does not bear the request; the details name which, what is left and when it starts anew."),
  PRICE_UNKNOWN(
      422,
      "invalid_request_error",
      false,
      Party.ADMINISTRATOR,
      "No target of the model has a known price; publish one."),
  RATE_LIMIT_EXCEEDED(
      429,
      "rate_limit_error",
      true,
      Party.ADMINISTRATOR,
      "A limit on the pace of requests; ask again after `Retry-After`."),

  // the provider failed, and so did every other target
  PROVIDER_REJECTED(
      400,
      "upstream_error",
      false,
      Party.PROVIDER,
      "The provider refuses the request; the message is its own."),
  PROVIDER_AUTHENTICATION(
      502,
      "upstream_error",
      false,
      Party.ADMINISTRATOR,
      "The provider refuses the installation's credential."),
  PROVIDER_BUDGET(
      502,
      "upstream_error",
      false,
      Party.ADMINISTRATOR,
      "The installation's money at the provider is used up."),
  PROVIDER_ERROR(
      502,
      "upstream_error",
      true,
      Party.PROVIDER,
      "The provider failed, at every target that was tried."),
  PROVIDER_UNUSABLE_ANSWER(
      502, "upstream_error", true, Party.PROVIDER, "The provider answered, but not usably."),
  PROVIDER_RATE_LIMITED(
      429,
      "rate_limit_error",
      true,
      Party.CAPACITY,
      "The provider refuses for its own limits; ask again after `Retry-After`."),
  PROVIDER_OVERLOADED(
      503,
      "upstream_error",
      true,
      Party.CAPACITY,
      "The provider is overloaded, or does not answer at present."),
  PROVIDER_TIMEOUT(504, "upstream_error", true, Party.PROVIDER, "The provider kept silent."),

  // the end of waiting
  DEADLINE_EXCEEDED(504, "timeout_error", true, Party.CAPACITY, "The request's time is over."),
  CANCELLED(499, "cancelled", false, Party.CALLER, "The caller took the request back."),
  BATCH_EXPIRED(
      408, "timeout_error", true, Party.CAPACITY, "The batch ended before this line was served."),
  BATCH_CANCELLED(
      499,
      "cancelled",
      false,
      Party.CALLER,
      "The batch was cancelled before this line was served."),

  // us
  OVERLOADED(
      503,
      "server_error",
      true,
      Party.CAPACITY,
      "Too much is open here; ask again after `Retry-After`."),
  NOT_READY(
      503,
      "server_error",
      true,
      Party.PENSTOCK,
      "It starts, stops, or its log cannot be reached; ask again."),
  INTERNAL_ERROR(
      500,
      "server_error",
      true,
      Party.PENSTOCK,
      "A defect of ours; the log has more under the request id."),
  /** What a reader makes of a code that it does not know. */
  UNKNOWN(500, "server_error", true, Party.PENSTOCK, "A code that the reader does not know.");

  private final int httpStatus;
  private final String type;
  private final boolean retryable;
  private final Party party;
  private final String meaning;

  ErrorCode(int httpStatus, String type, boolean retryable, Party party, String meaning) {
    this.httpStatus = httpStatus;
    this.type = type;
    this.retryable = retryable;
    this.party = party;
    this.meaning = meaning;
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

  /** What it means, or what to do, in a sentence for people; Markdown. */
  public String meaning() {
    return meaning;
  }

  /** Who has to act. */
  public Party party() {
    return party;
  }
}
