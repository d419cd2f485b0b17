package io.penstock.platform.error;

import com.fasterxml.jackson.core.JsonFactory;
import io.penstock.schemas.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The one error envelope: OpenAI's, with what a retry needs to know under {@code metadata}. */
public final class ErrorEnvelope {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int USUAL_BYTES = 512;

  private ErrorEnvelope() {}

  /**
   * The body of an error answer.
   *
   * @param param the offending parameter; null when there is none
   * @param requestId null when there is none
   */
  public static byte[] json(
      ErrorCode code, @Nullable String param, String message, @Nullable String requestId) {
    return json(code, param, message, requestId, Map.of());
  }

  /**
   * The body of an error answer.
   *
   * @param param the offending parameter; null when there is none
   * @param requestId null when there is none
   * @param details further metadata
   */
  public static byte[] json(
      ErrorCode code,
      @Nullable String param,
      String message,
      @Nullable String requestId,
      Map<String, String> details) {
    var bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (var json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("error");
      json.writeStringField("message", message);
      json.writeStringField("type", code.type());
      json.writeStringField("param", param);
      json.writeStringField("code", code.wire());
      json.writeObjectFieldStart("metadata");
      json.writeStringField("error_type", code.wire());
      json.writeBooleanField("retryable", code.retryable());
      json.writeStringField("request_id", requestId);
      for (var detail : new TreeMap<>(details).entrySet()) {
        json.writeStringField(detail.getKey(), detail.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return bytes.toByteArray();
  }
}
