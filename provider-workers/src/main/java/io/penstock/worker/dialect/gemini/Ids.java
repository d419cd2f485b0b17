package io.penstock.worker.dialect.gemini;

import io.penstock.schemas.avro.CallAssigned;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

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
    try {
      var digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
