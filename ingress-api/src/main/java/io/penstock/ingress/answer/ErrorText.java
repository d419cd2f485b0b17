package io.penstock.ingress.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What an error body says, whatever its envelope.
 *
 * @param type of OpenAI's envelope, or Anthropic's
 * @param param the offending parameter; null when there is none
 * @param code null when the envelope has none
 */
record ErrorText(String message, String type, @Nullable String param, @Nullable String code) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NO_MESSAGE = "The request failed.";

  /** Reads an error body; one that is none becomes an internal error. */
  static ErrorText of(byte @Nullable [] body) {
    var error = error(body);
    if (error == null) {
      return new ErrorText(
          NO_MESSAGE, ErrorCode.INTERNAL_ERROR.type(), null, ErrorCode.INTERNAL_ERROR.wire());
    }
    return new ErrorText(
        error.path("message").asText(NO_MESSAGE),
        error.path("type").asText(ErrorCode.INTERNAL_ERROR.type()),
        textOrNull(error.path("param")),
        textOrNull(error.path("code")));
  }

  /** Whether a body is in Anthropic's envelope. */
  static boolean anthropic(byte[] body) {
    try {
      var root = JSON.readTree(body);
      return root != null
          && root.path("type").asText("").equals("error")
          && root.path("error").isObject();
    } catch (IOException e) {
      return false;
    }
  }

  /** The same body on one line; null when it is no error body. */
  static byte @Nullable [] compact(byte @Nullable [] body) {
    try {
      var root = body == null ? null : JSON.readTree(body);
      return root != null && root.path("error").isObject() ? JSON.writeValueAsBytes(root) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** The object under a key of a JSON text; null when there is none. */
  static @Nullable JsonNode object(String json, String key) {
    try {
      var root = JSON.readTree(json);
      var found = root == null ? null : root.get(key);
      return found != null && found.isObject() ? found : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static @Nullable JsonNode error(byte @Nullable [] body) {
    try {
      var root = body == null ? null : JSON.readTree(body);
      var error = root == null ? null : root.get("error");
      return error != null && error.isObject() ? error : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable String textOrNull(JsonNode node) {
    return node.isMissingNode() || node.isNull() ? null : node.asText();
  }
}
