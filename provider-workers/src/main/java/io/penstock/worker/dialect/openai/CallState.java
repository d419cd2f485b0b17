package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.penstock.worker.dialect.Trees;
import org.jspecify.annotations.Nullable;

/**
 * Opaque state of a tool call inside its {@code extra_content}, where Google's own surface for
 * OpenAI's clients puts the signature.
 *
 * @see <a href="https://ai.google.dev/gemini-api/docs/thought-signatures">Thought Signatures</a>
 */
final class CallState {

  private CallState() {}

  /** The state of a call; null when it has none. */
  static @Nullable JsonNode read(JsonNode call) {
    var signature =
        Trees.nonEmptyOrNull(call.path("extra_content").path("google").path("thought_signature"));
    return signature == null
        ? call.path("extra_content").path("penstock").get("state")
        : TextNode.valueOf(signature);
  }

  /** Puts a state into a call. */
  static void write(ObjectNode call, @Nullable JsonNode state) {
    if (state == null) {
      return;
    }
    var extra = call.putObject("extra_content");
    if (state.isTextual()) {
      extra.putObject("google").set("thought_signature", state);
    } else {
      extra.putObject("penstock").set("state", state);
    }
  }
}
