package io.penstock.router.pace;

import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import java.util.List;

/** The most tokens that a request can use, and what it has used. */
public final class TokenBound {

  private TokenBound() {}

  /**
   * Input and output together, at the target that allows most; at most {@link Bucket#LIMIT_MAX}.
   */
  public static long of(RequestFacts facts, Surface surface, List<PinnedTarget> targets) {
    var output = 0L;
    for (var target : targets) {
      output = Math.max(output, outputMax(facts, surface, target));
    }
    var choices = Math.max(1, facts.getChoices());
    var all = output > Bucket.LIMIT_MAX / choices ? Bucket.LIMIT_MAX : output * choices;
    return Math.min(Bucket.LIMIT_MAX, input(facts) + all);
  }

  /** Input only. */
  public static long input(RequestFacts facts) {
    return clamped(facts.getInputTokensBound());
  }

  private static long outputMax(RequestFacts facts, Surface surface, PinnedTarget target) {
    if (surface == Surface.OPENAI_EMBEDDINGS) {
      return 0;
    }
    var own = facts.getOutputTokensMax();
    return clamped(own == null ? target.getOutputTokensMax() : own);
  }

  /** Tokens of all classes; units of tools are none. */
  public static long used(TokenUsage usage) {
    var sum = 0L;
    for (var each : TokenClass.ALL) {
      var count = each.count(usage);
      sum += count == null ? 0 : clamped(count);
    }
    return clamped(sum);
  }

  private static long clamped(long tokens) {
    return Math.clamp(tokens, 0L, Bucket.LIMIT_MAX);
  }
}
