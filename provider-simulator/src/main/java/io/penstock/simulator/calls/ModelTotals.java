package io.penstock.simulator.calls;

/**
 * What one model was asked and gave.
 *
 * @param calls all calls
 * @param served those answered completely
 * @param inputTokens of the served calls
 * @param outputTokens of the served calls
 * @param refused429 calls answered with 429
 */
public record ModelTotals(
    long calls, long served, long inputTokens, long outputTokens, long refused429) {
  /** Nothing yet. */
  public static final ModelTotals NONE = new ModelTotals(0, 0, 0, 0, 0);

  ModelTotals begun() {
    return new ModelTotals(calls + 1, served, inputTokens, outputTokens, refused429);
  }

  ModelTotals plusServed(long count, long input, long output) {
    return new ModelTotals(
        calls, served + count, inputTokens + input, outputTokens + output, refused429);
  }

  ModelTotals plusRefused(long count) {
    return new ModelTotals(calls, served, inputTokens, outputTokens, refused429 + count);
  }
}
