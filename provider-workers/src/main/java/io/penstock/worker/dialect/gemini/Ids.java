package io.penstock.worker.dialect.gemini;

import io.penstock.platform.id.Sha256;
import io.penstock.schemas.avro.CallAssigned;

/**
 * Ids that Gemini did not give. They follow from the call alone, so that reading an answer twice
 * gives the same ids, and no two calls of a conversation share one.
 */
final class Ids {

  private static final int DIGITS = 24;

  private Ids() {}

  /** Id of an answer. */
  static String answer(CallAssigned call) {
    return "gemini-" + hash(call, "answer");
  }

  /** Id of a tool call. */
  static String tool(CallAssigned call, int choice, int tool) {
    return "call_" + hash(call, choice + "/" + tool);
  }

  private static String hash(CallAssigned call, String what) {
    var text = call.getRequestId() + "/" + call.getAttempt() + "/" + what;
    return Sha256.hex(text).substring(0, DIGITS);
  }
}
