package io.penstock.router.route;

import io.penstock.platform.error.ErrorEnvelope;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Payload;
import java.nio.ByteBuffer;
import java.util.Map;

/** The error envelope as the body of an answer. */
final class ErrorBody {

  private ErrorBody() {}

  static Payload of(ErrorCode code, String message, String requestId, Map<String, String> details) {
    var bytes = ErrorEnvelope.json(code, null, message, requestId, details);
    return new Payload(ByteBuffer.wrap(bytes), null, (long) bytes.length, null);
  }
}
