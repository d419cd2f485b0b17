package io.penstock.worker.engine;

import io.penstock.schemas.avro.TokenUsage;
import org.jspecify.annotations.Nullable;

/** Sums over the disjoint classes of a usage. */
final class Tokens {

  private Tokens() {}

  static long input(TokenUsage usage) {
    return sum(
        usage.getInputUncached(),
        usage.getInputCacheRead(),
        usage.getInputCacheWrite5m(),
        usage.getInputCacheWrite1h(),
        usage.getInputAudio(),
        usage.getInputImage());
  }

  static long output(TokenUsage usage) {
    return sum(
        usage.getOutputText(),
        usage.getOutputReasoning(),
        usage.getOutputAudio(),
        usage.getOutputImage());
  }

  private static long sum(@Nullable Long... counts) {
    var sum = 0L;
    for (var count : counts) {
      sum += count == null ? 0 : count;
    }
    return sum;
  }
}
