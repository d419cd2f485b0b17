package io.penstock.ingress.http;

import io.penstock.schemas.ErrorCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request is refused, or failed in a way that the caller should be told; rendered as the error
 * envelope.
 */
public final class ApiException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable String param;
  private final @Nullable Duration retryAfter;

  public ApiException(ErrorCode code, String message) {
    this(code, null, message, null);
  }

  public ApiException(ErrorCode code, @Nullable String param, String message) {
    this(code, param, message, null);
  }

  /**
   * A refusal with a wait.
   *
   * @param param the offending parameter; null when there is none
   * @param message for people; never repeats prompts or keys
   * @param retryAfter when to ask again; null for the default of the code
   */
  public ApiException(
      ErrorCode code, @Nullable String param, String message, @Nullable Duration retryAfter) {
    // a refusal is an answer, not a bug: nobody reads its stack, and making one costs more than the
    // refusal
    super(message, null, false, false);
    this.code = code;
    this.param = param;
    this.retryAfter = retryAfter;
  }

  public ErrorCode code() {
    return code;
  }

  /** The offending parameter. */
  public @Nullable String param() {
    return param;
  }

  /** When to ask again. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** For people. */
  public String message() {
    var message = getMessage();
    return message == null ? code.wire() : message;
  }
}
