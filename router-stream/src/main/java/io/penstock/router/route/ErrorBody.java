package io.penstock.router.route;

import com.fasterxml.jackson.core.JsonFactory;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Payload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** The error envelope of OpenAI, with what we know beyond it under {@code metadata}. */
final class ErrorBody {

  private static final JsonFactory JSON = new JsonFactory();

  private ErrorBody() {}

  static Payload of(ErrorCode code, String message, String requestId, Map<String, String> details) {
    var bytes = new ByteArrayOutputStream(256);
    try (var json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("error");
      json.writeStringField("message", message);
      json.writeStringField("type", code.type());
      json.writeNullField("param");
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
    return new Payload(ByteBuffer.wrap(bytes.toByteArray()), null, (long) bytes.size(), null);
  }
}
