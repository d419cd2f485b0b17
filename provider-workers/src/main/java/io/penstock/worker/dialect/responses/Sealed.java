package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Another provider's reasoning state inside the {@code encrypted_content} of a reasoning item,
 * which callers return as it is. So the state comes back to its maker through clients that know
 * nothing of it.
 *
 * @param provider dialect that made it; empty when it is a tool call's, which has but one kind
 * @param callId the tool call that the state belongs to; absent when it belongs to a thought
 */
record Sealed(String provider, JsonNode state, @Nullable String callId) {

  /** OpenAI's own begin otherwise. */
  private static final String PREFIX = "penstock.";

  /** As an opaque text. */
  String seal() {
    var json = Trees.object().put("provider", provider);
    json.set("state", state);
    if (callId != null) {
      json.put("call", callId);
    }
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(Trees.bytes(json));
  }

  /** What is in a text; null when it is not one of ours, or was changed. */
  static @Nullable Sealed open(@Nullable String text) {
    if (text == null || !text.startsWith(PREFIX)) {
      return null;
    }
    byte[] json;
    try {
      json = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
    } catch (IllegalArgumentException _) {
      return null;
    }
    var object = Trees.objectOrNull(json);
    var provider = object == null ? null : Trees.textOrNull(object.path("provider"));
    return object == null || provider == null || !object.has("state")
        ? null
        : new Sealed(provider, object.path("state"), Trees.textOrNull(object.path("call")));
  }

  /**
   * A request without the items that hold other providers' state, which OpenAI would refuse; the
   * same bytes when there are none.
   */
  static byte[] removedFrom(byte[] request) {
    // all but a few requests are spared the parsing
    if (!contains(request, ("\"" + PREFIX).getBytes(StandardCharsets.US_ASCII))) {
      return request;
    }
    var body = Trees.objectOrNull(request);
    if (body == null) {
      return request;
    }
    var before = body.path("input").size();
    for (var items = body.path("input").elements(); items.hasNext(); ) {
      if (items.next() instanceof ObjectNode item
          && Trees.textOrNull(item.path("encrypted_content")) instanceof String text
          && text.startsWith(PREFIX)) {
        items.remove();
      }
    }
    return body.path("input").size() == before ? request : Trees.bytes(body);
  }

  private static boolean contains(byte[] body, byte[] wanted) {
    for (var at = 0; at <= body.length - wanted.length; at++) {
      var same = 0;
      while (same < wanted.length && body[at + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return true;
      }
    }
    return false;
  }
}
