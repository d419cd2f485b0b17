package io.penstock.ingress.answer;

import io.penstock.platform.error.ErrorEnvelope;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Surface;
import org.jspecify.annotations.Nullable;

/** Errors in the envelope of the surface that they leave by. */
public final class ErrorBodies {

  private ErrorBodies() {}

  /** An error of ours. */
  public static byte[] json(
      Surface surface,
      ErrorCode code,
      @Nullable String param,
      String message,
      @Nullable String requestId) {
    return surface == Surface.ANTHROPIC_MESSAGES
        ? AnthropicErrors.json(code, message, requestId)
        : ErrorEnvelope.json(code, param, message, requestId);
  }

  /** An error body that came from further down, in whichever envelope. */
  public static byte[] translated(
      Surface surface, int status, byte[] body, @Nullable String requestId) {
    return surface == Surface.ANTHROPIC_MESSAGES
        ? AnthropicErrors.translated(status, body, requestId)
        : body;
  }
}
