package io.penstock.worker.dialect.anthropic;

import io.penstock.platform.id.Sha256;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Ids of tool calls that Anthropic accepts ({@code [a-zA-Z0-9_-]}, none twice in a conversation),
 * one to one with the caller's. The same id always becomes the same one, so that prompt caches
 * keep. Used by one thread.
 */
final class ToolIds {

  private static final Pattern SAFE = Pattern.compile("[a-zA-Z0-9_-]+");
  private static final int DIGEST_CHARACTERS = 24;

  private final Set<String> taken = new HashSet<>();
  private final Map<String, Deque<String>> unanswered = new HashMap<>();
  private final Map<String, String> latest = new HashMap<>();

  /** The id of a call; some servers count from 0 in every turn, so an id may come again. */
  String ofCall(String id) {
    var safe = safe(id);
    var unique = safe;
    for (var copy = 2; !taken.add(unique); copy++) {
      unique = safe + "_" + copy;
    }
    unanswered.computeIfAbsent(id, any -> new ArrayDeque<>()).add(unique);
    latest.put(id, unique);
    return unique;
  }

  /** The id of the call that a result answers: of several with one id the first without result. */
  String ofResult(String id) {
    var open = unanswered.get(id);
    if (open != null && !open.isEmpty()) {
      return open.remove();
    }
    return latest.getOrDefault(id, safe(id));
  }

  private static String safe(String id) {
    return SAFE.matcher(id).matches()
        ? id
        : "toolu_" + Sha256.hex(id).substring(0, DIGEST_CHARACTERS);
  }
}
