package io.penstock.worker.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Counts as providers tell them: absent, zero and n stay three things. */
public final class TokenCounts {

  private TokenCounts() {}

  /** A count; null when the node is none. */
  public static @Nullable Long count(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0
        ? node.longValue()
        : null;
  }

  /** A part is never more than the whole. */
  public static @Nullable Long within(@Nullable Long part, long whole) {
    return part == null ? null : (Long) Math.min(part, whole);
  }

  /** What is not mentioned adds nothing. */
  public static long orZero(@Nullable Long count) {
    return count == null ? 0 : count;
  }
}
