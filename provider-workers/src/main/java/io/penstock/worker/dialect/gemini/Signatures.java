package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import org.jspecify.annotations.Nullable;

/**
 * Gemini's thought signatures on their way through callers. That of a tool call is a plain text;
 * that of a text is the part without its text, so that it can be put back where it was.
 */
final class Signatures {

  /** The dialect's name on thoughts. */
  static final String PROVIDER = "gemini";

  /**
   * What Google documents for calls that another model made, which have no signature.
   *
   * @see <a href="https://ai.google.dev/gemini-api/docs/thought-signatures">Thought Signatures</a>
   */
  static final String FOREIGN = "skip_thought_signature_validator";

  private static final String FIELD = "thoughtSignature";

  private Signatures() {}

  /** The signature of a part as the state of a tool call; null when it has none. */
  static @Nullable JsonNode ofCall(JsonNode part) {
    var signature = part.path(FIELD);
    return signature.isTextual() ? signature : null;
  }

  /** The signature of a part as the state of a thought; null when it has none. */
  static @Nullable JsonNode ofText(JsonNode part) {
    var signature = Trees.textOrNull(part.path(FIELD));
    if (signature == null) {
      return null;
    }
    var state = Trees.object().put(FIELD, signature);
    if (part.path("thought").asBoolean()) {
      state.put("thought", true);
    } else if (part.path("text").asText().isEmpty()) {
      state.put("text", "");
    }
    return state;
  }

  /** Whether a state belongs to an empty part of its own, rather than to the text beside it. */
  static boolean standsAlone(JsonNode state) {
    return state.has("text");
  }

  /** Puts a state back on a part; leaves the part as it is when the state is none of Gemini's. */
  static void restore(@Nullable JsonNode state, ObjectNode part) {
    var signature = text(state);
    if (signature != null) {
      part.put(FIELD, signature);
    }
  }

  /** Whether a state holds a signature. */
  static boolean signed(@Nullable JsonNode state) {
    return text(state) != null;
  }

  private static @Nullable String text(@Nullable JsonNode state) {
    if (state == null || state.isTextual()) {
      return state == null ? null : state.textValue();
    }
    return Trees.textOrNull(state.path(FIELD));
  }
}
