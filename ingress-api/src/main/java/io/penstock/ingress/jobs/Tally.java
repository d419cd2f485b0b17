package io.penstock.ingress.jobs;

/**
 * What finished lines add up to.
 *
 * @param succeeded lines answered with success
 * @param failed lines that ended otherwise
 * @param retries calls beyond the first of each line
 * @param cachedTokens those of the input tokens that were read from a cache
 * @param reasoningTokens those of the output tokens that were reasoning
 * @param chargeNanoUsd what the organisation owes
 */
public record Tally(
    long succeeded,
    long failed,
    long retries,
    long inputTokens,
    long cachedTokens,
    long outputTokens,
    long reasoningTokens,
    long chargeNanoUsd) {

  public static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0, 0);

  /** Lines that have ended. */
  public long finished() {
    return succeeded + failed;
  }

  Tally plus(Tally other) {
    return new Tally(
        succeeded + other.succeeded,
        failed + other.failed,
        retries + other.retries,
        inputTokens + other.inputTokens,
        cachedTokens + other.cachedTokens,
        outputTokens + other.outputTokens,
        reasoningTokens + other.reasoningTokens,
        Math.addExact(chargeNanoUsd, other.chargeNanoUsd));
  }
}
