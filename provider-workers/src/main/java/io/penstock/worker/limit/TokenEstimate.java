package io.penstock.worker.limit;

/**
 * Guesses a call's tokens before it is made, from what earlier calls of the pool used. Not
 * thread-safe.
 */
public final class TokenEstimate {

  private static final double WEIGHT = 0.05;
  private static final double INPUT_PER_BOUND = 0.25;
  private static final double OUTPUT = 128;

  private double inputPerBound = INPUT_PER_BOUND;
  private double output = OUTPUT;

  /**
   * The likely tokens of a call; together at least 1.
   *
   * @param inputBound upper bound of its input tokens
   * @param outputMost most output tokens it can have
   */
  public TokenCount of(long inputBound, long outputMost) {
    return new TokenCount(
        Math.max(1, Math.round(inputBound * inputPerBound)),
        Math.round(Math.min(outputMost, output)));
  }

  /** Learns from a call that was served. */
  public void learn(long inputBound, long inputUsed, long outputUsed) {
    if (inputBound > 0) {
      inputPerBound += WEIGHT * (Math.min(1.0, (double) inputUsed / inputBound) - inputPerBound);
    }
    output += WEIGHT * (outputUsed - output);
  }
}
