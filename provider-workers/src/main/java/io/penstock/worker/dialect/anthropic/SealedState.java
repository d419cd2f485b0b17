package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Another provider's reasoning state inside a field that callers of Messages must return as it is:
 * the {@code signature} of a thinking block, the {@code data} of a redacted one. So the state comes
 * back to its maker through clients that know nothing of it.
 *
 * @param provider dialect that made it
 * @param state absent when there is only text
 * @param callId the tool call that the state belongs to; absent when it belongs to a thought
 */
record SealedState(String provider, @Nullable JsonNode state, @Nullable String callId) {

  /** Instead of a provider's name where the state is a call's, which has but one kind. */
  static final String OF_CALL = "call";

  /** Who is taken to have made thoughts that nobody signed: they are plain text to their makers. */
  static final String UNSIGNED = "openai";

  /** Anthropic's own are base64, which has no dot. */
  private static final String PREFIX = "penstock.";

  private static final byte[] PREFIX_BYTES = PREFIX.getBytes(StandardCharsets.US_ASCII);

  /** As an opaque text. */
  String seal() {
    var json = Trees.object().put("provider", provider);
    if (state != null) {
      json.set("state", state);
    }
    if (callId != null) {
      json.put("call", callId);
    }
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(Trees.bytes(json));
  }

  /** Whether a text is one of ours. */
  static boolean isSealed(@Nullable String text) {
    return text != null && text.startsWith(PREFIX);
  }

  /** What is in a text; null when it is not one of ours, or was changed. */
  static @Nullable SealedState open(@Nullable String text) {
    if (text == null || !text.startsWith(PREFIX)) {
      return null;
    }
    byte[] json;
    try {
      json = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      return null;
    }
    var object = Trees.objectOrNull(json);
    return object == null ? null : of(object);
  }

  private static @Nullable SealedState of(ObjectNode json) {
    var provider = Trees.textOrNull(json.path("provider"));
    return provider == null
        ? null
        : new SealedState(provider, json.get("state"), Trees.textOrNull(json.path("call")));
  }

  /** Whether a body may hold one of ours; cheap, and sure when it says no. */
  static boolean mayBeIn(byte[] body) {
    for (var at = 0; at <= body.length - PREFIX_BYTES.length; at++) {
      var same = 0;
      while (same < PREFIX_BYTES.length && body[at + same] == PREFIX_BYTES[same]) {
        same++;
      }
      if (same == PREFIX_BYTES.length) {
        return true;
      }
    }
    return false;
  }

  /**
   * Takes blocks with other providers' state out of a request: Anthropic refuses signatures that
   * are not its own.
   *
   * @return whether there were any
   */
  static boolean removeFrom(ObjectNode request) {
    var found = false;
    var messages = request.path("messages").elements();
    while (messages.hasNext()) {
      var blocks = messages.next().path("content");
      if (!blocks.isArray()) {
        continue;
      }
      var before = blocks.size();
      for (var all = blocks.elements(); all.hasNext(); ) {
        var block = all.next();
        if (isSealed(Trees.textOrNull(block.path("signature")))
            || isSealed(Trees.textOrNull(block.path("data")))) {
          all.remove();
          found = true;
        }
      }
      if (before > 0 && blocks.isEmpty()) {
        messages.remove();
      }
    }
    return found;
  }
}
