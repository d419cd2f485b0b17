package io.penstock.worker.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Counts as providers tell them: absent, zero and n stay three things. */
public final class TokenCounts {

  private static final long MOST = 1_000_000_000L;

  private TokenCounts() {}

  /** A count; null when the node is none. */
  public static @Nullable Long count(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0
        ? node.longValue()
        : null;
  }

  /**
   * Whether a provider tells token counts that cannot be: negative ones, or of thousands of
   * millions. Nothing else that it says of the same call is to be relied on then.
   */
  public static boolean impossible(JsonNode usage) {
    if (usage.isObject()) {
      return usage.properties().stream()
          .anyMatch(field -> impossible(field.getKey(), field.getValue()));
    }
    for (var element : usage) {
      if (impossible(element)) {
        return true;
      }
    }
    return false;
  }

  /** Other numbers, such as a price in tiny units, may be large. */
  private static boolean impossible(String name, JsonNode value) {
    return value.isIntegralNumber()
        ? name.toLowerCase(Locale.ROOT).contains("token")
            && (!value.canConvertToLong() || value.longValue() < 0 || value.longValue() > MOST)
        : impossible(value);
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
