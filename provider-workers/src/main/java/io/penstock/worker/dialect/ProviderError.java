package io.penstock.worker.dialect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An error body, whatever its envelope: {@code {"error":{…}}}, {@code {"error":"…"}}, flat, {@code
 * {"detail":"…"}}, {@code {"errors":[…]}}, any of these in an array of one, or no JSON at all.
 *
 * @param code the provider's code, as text
 * @param type the provider's type
 * @param message its words; absent when it gave none
 * @param details further objects, for hints; missing when there are none
 * @param json whether the body was JSON
 */
record ProviderError(
    @Nullable String code,
    @Nullable String type,
    @Nullable String message,
    JsonNode details,
    boolean json) {

  private static final int PLAIN_CHARACTERS_MAX = 500;
  private static final int PARSED_BYTES_MAX = 1 << 20;

  static ProviderError parse(byte[] body) {
    JsonNode root;
    try {
      root =
          body.length > PARSED_BYTES_MAX ? MissingNode.getInstance() : Json.MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      return plain(body);
    } catch (IOException e) {
      throw new IllegalStateException("an array of bytes cannot fail to be read", e);
    }
    if (root.isArray() && !root.isEmpty()) {
      root = root.get(0);
    }
    return root.isObject() ? ofObject(root) : plain(body);
  }

  private static ProviderError ofObject(JsonNode root) {
    var error = root.path("error");
    if (error.isTextual()) {
      return new ProviderError(
          text(root.path("code")), text(root.path("type")), error.asText(), error, true);
    }
    if (!error.isObject() && root.path("errors").path(0).isObject()) {
      error = root.path("errors").path(0);
    }
    var node = error.isObject() ? error : root;
    var message = text(node.path("message"));
    if (message == null) {
      message = text(node.path("detail"));
    }
    var type = text(node.path("type"));
    return new ProviderError(
        text(node.path("code")),
        type == null ? text(node.path("status")) : type,
        message,
        node,
        true);
  }

  private static ProviderError plain(byte[] body) {
    var length = Math.min(body.length, 4 * PLAIN_CHARACTERS_MAX);
    var text = new String(body, 0, length, StandardCharsets.UTF_8).strip();
    return new ProviderError(
        null, null, text.isEmpty() ? null : text, MissingNode.getInstance(), false);
  }

  private static @Nullable String text(JsonNode node) {
    return node.isTextual() || node.isNumber() ? node.asText() : null;
  }

  /** The code, or the type where there is no code; lower case, empty when there is neither. */
  String word() {
    var word = code == null ? type : code;
    return word == null ? "" : word.toLowerCase(Locale.ROOT);
  }

  /** Whether code or type is one of these. */
  boolean is(String... words) {
    for (var word : words) {
      if (word.equalsIgnoreCase(code) || word.equalsIgnoreCase(type)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the message contains one of these phrases. */
  boolean says(String... phrases) {
    if (message == null) {
      return false;
    }
    var lower = message.toLowerCase(Locale.ROOT);
    for (var phrase : phrases) {
      if (lower.contains(phrase)) {
        return true;
      }
    }
    return false;
  }
}
