package io.penstock.worker.dialect.anthropic;

import java.time.Instant;

/** Ids of answers as clients of Messages know them: {@code msg_…}. */
final class MessageIds {

  private static final String PREFIX = "msg_";

  private MessageIds() {}

  /**
   * The id of an answer, always the same for the same.
   *
   * @param at when it began: for a provider that gives no id
   */
  static String of(String providerId, Instant at) {
    if (providerId.startsWith(PREFIX)) {
      return providerId;
    }
    var safe = providerId.replaceAll("[^a-zA-Z0-9_]", "");
    return PREFIX + (safe.isEmpty() ? Long.toString(at.toEpochMilli(), 36) : safe);
  }
}
