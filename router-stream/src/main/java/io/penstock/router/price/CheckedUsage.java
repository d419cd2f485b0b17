package io.penstock.router.price;

import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;

/**
 * Usage that can be priced. Counts that cannot be true, below zero or beyond all reason, are put
 * aside, and an estimate takes their place; what the provider said stays beside it, verbatim.
 *
 * @param usage absent when there was none
 * @param quarantined whether it is an estimate instead of what the provider said
 */
public record CheckedUsage(@Nullable TokenUsage usage, boolean quarantined) {

  /** More than any provider takes and gives in one call, by a factor of a hundred. */
  static final long COUNT_MAX = 1_000_000_000;

  private static final long BYTES_PER_TOKEN = 4;

  /**
   * Checks usage.
   *
   * @param facts of the request
   * @param target where it was served
   */
  public static CheckedUsage of(
      @Nullable TokenUsage usage, RequestFacts facts, Surface surface, PinnedTarget target) {
    return usage == null || plausible(usage, "")
        ? new CheckedUsage(usage, false)
        : new CheckedUsage(estimate(usage, facts, surface, target), true);
  }

  /** An estimate, whatever the provider said. */
  static CheckedUsage estimated(
      TokenUsage usage, RequestFacts facts, Surface surface, PinnedTarget target) {
    return new CheckedUsage(estimate(usage, facts, surface, target), true);
  }

  private static boolean plausible(TokenUsage usage, String family) {
    return sum(usage, family) <= COUNT_MAX;
  }

  /** All counts of a family; beyond all reason when one of them is below zero. */
  private static long sum(TokenUsage usage, String family) {
    var sum = new long[1];
    TokenClasses.visit(
        usage,
        (tokenClass, count) -> {
          if (count != null && tokenClass.startsWith(family) && sum[0] <= COUNT_MAX) {
            sum[0] = count < 0 || count > COUNT_MAX ? Long.MAX_VALUE : sum[0] + count;
          }
        });
    return sum[0];
  }

  /**
   * An estimate: the prompt at four bytes a token, as where a provider says nothing; of the answer
   * what the provider says where that can be true, and else all that the answer was allowed, which
   * its hold covers.
   */
  private static TokenUsage estimate(
      TokenUsage usage, RequestFacts facts, Surface surface, PinnedTarget target) {
    var input = Math.ceilDiv(Math.max(0, facts.getInputTokensBound()), BYTES_PER_TOKEN);
    var most = outputBound(facts, surface, target);
    var output =
        plausible(usage, TokenClasses.OUTPUT)
            ? Math.min(most, sum(usage, TokenClasses.OUTPUT))
            : most;
    return TokenUsage.newBuilder()
        .setSource(UsageSource.ESTIMATED)
        .setServiceTier(usage.getServiceTier())
        .setInputUncached(input)
        .setOutputText(output)
        .setToolUnits(new HashMap<>())
        .setRaw(usage.getRaw())
        .build();
  }

  /**
   * Output tokens that a request may have at a target, of all its answers together.
   *
   * @throws ArithmeticException when they are beyond all counting
   */
  public static long outputBound(RequestFacts facts, Surface surface, PinnedTarget target) {
    return Math.multiplyExact(
        (long) Math.max(1, facts.getChoices()), outputLimit(facts, surface, target));
  }

  /** Output tokens that one answer may have at a target. */
  public static long outputLimit(RequestFacts facts, Surface surface, PinnedTarget target) {
    if (surface == Surface.OPENAI_EMBEDDINGS) {
      return 0;
    }
    var own = facts.getOutputTokensMax();
    return Math.max(0, own == null ? target.getOutputTokensMax() : own);
  }
}
