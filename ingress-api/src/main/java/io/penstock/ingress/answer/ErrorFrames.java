package io.penstock.ingress.answer;

import io.penstock.schemas.avro.Surface;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How a stream ends that broke off: so that no client library takes what it has for the whole
 * answer. What OpenAI's and Anthropic's libraries need for that was found by trying them.
 */
public final class ErrorFrames {

  private static final String DONE = "data: [DONE]\n\n";

  private ErrorFrames() {}

  /**
   * The last server-sent events of a stream.
   *
   * @param status HTTP status that the error would have had
   * @param body the error in any envelope; null for one that says nothing
   * @param begun what the caller has seen
   * @param requestId of the request
   */
  public static byte[] of(
      Surface surface, int status, byte @Nullable [] body, Begun begun, String requestId) {
    return switch (surface) {
      case ANTHROPIC_MESSAGES -> anthropic(status, body, requestId);
      case OPENAI_RESPONSES -> responses(ErrorText.of(body), begun);
      case OPENAI_CHAT, OPENAI_EMBEDDINGS, UNKNOWN -> chat(body);
    };
  }

  private static byte[] chat(byte @Nullable [] body) {
    var compact = ErrorText.compact(body);
    if (compact == null) {
      var text = ErrorText.of(body);
      compact =
          Json.bytes(
              json -> {
                json.writeStartObject();
                json.writeObjectFieldStart("error");
                json.writeStringField("message", text.message());
                json.writeStringField("type", text.type());
                Json.text(json, "param", text.param());
                Json.text(json, "code", text.code());
                json.writeEndObject();
                json.writeEndObject();
              });
    }
    return utf8("data: " + text(compact) + "\n\n" + DONE);
  }

  private static byte[] anthropic(int status, byte @Nullable [] body, String requestId) {
    var translated =
        body == null
            ? AnthropicErrors.json(status, ErrorText.of(null).message(), requestId)
            : AnthropicErrors.translated(status, body, requestId);
    var compact = ErrorText.compact(translated);
    return utf8("event: error\ndata: " + text(compact == null ? translated : compact) + "\n\n");
  }

  private static byte[] responses(ErrorText text, Begun begun) {
    var error =
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("type", "error");
              Json.text(json, "code", text.code());
              json.writeStringField("message", text.message());
              Json.text(json, "param", text.param());
              json.writeNumberField("sequence_number", begun.events());
              json.writeEndObject();
            });
    var failed =
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("type", "response.failed");
              json.writeFieldName("response");
              json.writeRawValue(begun.failedResponse(text));
              json.writeNumberField("sequence_number", begun.events() + 1);
              json.writeEndObject();
            });
    return utf8(
        "event: error\ndata: "
            + text(error)
            + "\n\nevent: response.failed\ndata: "
            + text(failed)
            + "\n\n");
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
