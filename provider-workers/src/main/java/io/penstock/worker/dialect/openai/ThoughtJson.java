package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Message.Output;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Thoughts in chat messages: their text under {@code reasoning_content} or {@code reasoning}, their
 * opaque state as entries of {@code reasoning_details}, which clients send back as they got them.
 * Entries of other providers carry the provider's name and its own JSON.
 */
final class ThoughtJson {

  /** The dialect's name on thoughts. */
  static final String NAME = "openai";

  private static final String FOREIGN_TYPE = "reasoning.state";

  private ThoughtJson() {}

  /** The text of a message's or delta's thoughts; null when there is none. */
  static @Nullable String text(JsonNode message) {
    var text = Trees.nonEmptyOrNull(message.path("reasoning_content"));
    return text == null ? Trees.nonEmptyOrNull(message.path("reasoning")) : text;
  }

  /** All thoughts of a message. */
  static List<Output> read(JsonNode message) {
    var thoughts = new ArrayList<Output>();
    var text = text(message);
    for (var detail : message.path("reasoning_details")) {
      var thought = thought(detail, text);
      thoughts.add(thought);
      // the text is said once, however many entries there are
      text = thought.text() == null ? text : null;
    }
    if (text != null) {
      thoughts.addFirst(new Output.Thought(NAME, text, null));
    }
    return thoughts;
  }

  private static Output.Thought thought(JsonNode detail, @Nullable String text) {
    if (Trees.textOrNull(detail.path("type")) instanceof String type
        && type.equals(FOREIGN_TYPE)
        && Trees.textOrNull(detail.path("format")) instanceof String provider
        && detail.has("state")) {
      var own = Trees.textOrNull(detail.path("text"));
      return new Output.Thought(provider, own, detail.get("state"));
    }
    return new Output.Thought(NAME, text, detail);
  }

  /** An entry that holds a state. */
  static JsonNode entry(String provider, @Nullable String text, JsonNode state) {
    if (isEntry(provider, state)) {
      return state;
    }
    var entry = Trees.object().put("type", FOREIGN_TYPE).put("format", provider);
    if (text != null) {
      entry.put("text", text);
    }
    return entry.set("state", state);
  }

  /** Whether a state is an entry by itself. */
  static boolean isEntry(String provider, @Nullable JsonNode state) {
    return provider.equals(NAME)
        && state != null
        && state.path("type").asText().startsWith("reasoning.");
  }

  /** Puts thoughts into a message for a caller. */
  static void write(ObjectNode message, List<Output> outputs) {
    var text = new StringBuilder();
    var entries = new ArrayList<JsonNode>();
    for (var output : outputs) {
      if (output instanceof Output.Thought(var provider, var said, var state)) {
        text.append(said == null ? "" : said);
        if (state != null) {
          entries.add(entry(provider, said, state));
        }
      }
    }
    if (!text.isEmpty()) {
      message.put("reasoning_content", text.toString());
    }
    if (!entries.isEmpty()) {
      message.putArray("reasoning_details").addAll(entries);
    }
  }
}
