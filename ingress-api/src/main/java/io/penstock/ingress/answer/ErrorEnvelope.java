package io.penstock.ingress.answer;

import io.penstock.schemas.ErrorCode;
import org.jspecify.annotations.Nullable;

/** The one error envelope: OpenAI's, with what a retry needs to know under {@code metadata}. */
public final class ErrorEnvelope {

  private ErrorEnvelope() {}

  /**
   * The body of an error answer.
   *
   * @param param the offending parameter; null when there is none
   * @param requestId null when there is none
   */
  public static byte[] json(
      ErrorCode code, @Nullable String param, String message, @Nullable String requestId) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("error");
          json.writeStringField("message", message);
          json.writeStringField("type", code.type());
          Json.text(json, "param", param);
          json.writeStringField("code", code.wire());
          json.writeObjectFieldStart("metadata");
          json.writeStringField("error_type", code.wire());
          json.writeBooleanField("retryable", code.retryable());
          Json.text(json, "request_id", requestId);
          json.writeEndObject();
          json.writeEndObject();
          json.writeEndObject();
        });
  }
}
