package io.penstock.worker.limit;

import org.jspecify.annotations.Nullable;

/**
 * What the catalogue says that a provider allows a minute, for all workers together.
 *
 * @param requests absent when not known: then it is learned from answers
 * @param tokens absent when not known: then it is learned from answers
 */
public record PerMinute(@Nullable Long requests, @Nullable Long tokens) {

  /** Nothing is known. */
  public static final PerMinute UNKNOWN = new PerMinute(null, null);

  /** Where both hold: of each the lesser. */
  PerMinute and(PerMinute other) {
    return new PerMinute(lesser(requests, other.requests), lesser(tokens, other.tokens));
  }

  private static @Nullable Long lesser(@Nullable Long left, @Nullable Long right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return Math.min(left, right);
  }
}
