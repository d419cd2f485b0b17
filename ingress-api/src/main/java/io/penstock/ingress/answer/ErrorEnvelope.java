package io.penstock.ingress.answer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.schemas.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The one error envelope: OpenAI's, with what a retry needs to know under {@code metadata}. */
public final class ErrorEnvelope {

  private static final JsonFactory JSON = new JsonFactory();

  private ErrorEnvelope() {}

  /**
   * The body of an error answer.
   *
   * @param param the offending parameter; null when there is none
   * @param requestId null when there is none
   */
  public static byte[] json(
      ErrorCode code, @Nullable String param, String message, @Nullable String requestId) {
    var bytes = new ByteArrayOutputStream(256);
    try (var json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("error");
      json.writeStringField("message", message);
      json.writeStringField("type", code.type());
      text(json, "param", param);
      json.writeStringField("code", code.wire());
      json.writeObjectFieldStart("metadata");
      json.writeStringField("error_type", code.wire());
      json.writeBooleanField("retryable", code.retryable());
      text(json, "request_id", requestId);
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void text(JsonGenerator json, String field, @Nullable String value)
      throws IOException {
    if (value == null) {
      json.writeNullField(field);
    } else {
      json.writeStringField(field, value);
    }
  }
}
