package io.penstock.simulator.inference;

/**
 * How this provider counts input tokens: a quarter of the UTF-8 bytes of a text, rounded up, plus 3
 * for every message and 3 for the answer's beginning. Like every byte-level encoding it never gives
 * a text more tokens than bytes.
 */
public final class Tokens {
  /** Tokens around each message. */
  public static final int PER_MESSAGE = 3;

  /** Tokens that open the answer. */
  public static final int PER_PROMPT = 3;

  private static final int BYTES_PER_TOKEN = 4;

  private Tokens() {}

  /** Tokens of a text of so many bytes. */
  public static int ofBytes(long utf8Bytes) {
    return (int) Math.ceilDiv(utf8Bytes, BYTES_PER_TOKEN);
  }
}
