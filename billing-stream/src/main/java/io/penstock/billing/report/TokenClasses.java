package io.penstock.billing.report;

import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.TokenUsage;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tokens by class, as sums: absent and zero are the same here. */
public final class TokenClasses {

  private static final String INPUT = "input_";
  private static final String OUTPUT = "output_";

  /** The class of a charge that is for no tokens. */
  public static final String CORRECTION = "correction";

  private TokenClasses() {}

  /**
   * Counts of a usage by the names of its fields; tool units by their own names after {@code
   * tool/}.
   */
  static SortedMap<String, Long> of(@Nullable TokenUsage usage) {
    var tokens = new TreeMap<String, Long>();
    if (usage == null) {
      return tokens;
    }
    TokenClass.ALL.forEach(each -> put(tokens, each.wire(), each.count(usage)));
    usage.getToolUnits().forEach((tool, units) -> put(tokens, TokenClass.TOOL_UNITS + tool, units));
    return tokens;
  }

  private static void put(Map<String, Long> tokens, String name, @Nullable Long count) {
    if (count != null && count != 0) {
      tokens.put(name, count);
    }
  }

  static SortedMap<String, Long> sum(Map<String, Long> left, Map<String, Long> right) {
    var sum = new TreeMap<>(left);
    right.forEach((name, count) -> sum.merge(name, count, Math::addExact));
    return sum;
  }

  /** All input tokens, whatever their class. */
  public static long input(Map<String, Long> tokens) {
    return of(tokens, INPUT);
  }

  /** All output tokens, whatever their class. */
  public static long output(Map<String, Long> tokens) {
    return of(tokens, OUTPUT);
  }

  /** Tokens of some classes. */
  public static long count(Map<String, Long> tokens, String... classes) {
    var sum = 0L;
    for (var each : classes) {
      sum = Math.addExact(sum, tokens.getOrDefault(each, 0L));
    }
    return sum;
  }

  private static long of(Map<String, Long> tokens, String prefix) {
    var sum = 0L;
    for (var entry : tokens.entrySet()) {
      if (entry.getKey().startsWith(prefix)) {
        sum = Math.addExact(sum, entry.getValue());
      }
    }
    return sum;
  }
}
