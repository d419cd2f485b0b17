package io.penstock.worker.limit;

/**
 * Tokens of a call, estimated or used.
 *
 * @param input tokens of the prompt
 * @param output tokens of the answer
 */
public record TokenCount(long input, long output) {

  /** None. */
  public static final TokenCount NONE = new TokenCount(0, 0);

  /** Both together. */
  public long total() {
    return input + output;
  }
}
