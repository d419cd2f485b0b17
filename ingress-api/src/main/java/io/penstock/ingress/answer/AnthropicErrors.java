package io.penstock.ingress.answer;

import io.penstock.schemas.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic's error envelope, and its error types, as its documentation lists them by HTTP status.
 */
public final class AnthropicErrors {

  private static final int CLIENT_ERROR = 400;
  private static final int SERVER_ERROR = 500;

  private AnthropicErrors() {}

  /**
   * The body of an error answer.
   *
   * @param requestId null when there is none
   */
  public static byte[] json(ErrorCode code, String message, @Nullable String requestId) {
    return json(code.httpStatus(), message, requestId);
  }

  /**
   * An error body in this envelope: the same array when it is already, as a provider of this
   * dialect sends it.
   */
  static byte[] translated(int status, byte[] body, @Nullable String requestId) {
    return ErrorText.anthropic(body) ? body : json(status, ErrorText.of(body).message(), requestId);
  }

  static byte[] json(int status, String message, @Nullable String requestId) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "error");
          json.writeObjectFieldStart("error");
          json.writeStringField("type", type(status));
          json.writeStringField("message", message);
          json.writeEndObject();
          Json.text(json, "request_id", requestId);
          json.writeEndObject();
        });
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 402 -> "billing_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 408, 504 -> "timeout_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503, 529 -> "overloaded_error";
      default ->
          status >= CLIENT_ERROR && status < SERVER_ERROR ? "invalid_request_error" : "api_error";
    };
  }
}
