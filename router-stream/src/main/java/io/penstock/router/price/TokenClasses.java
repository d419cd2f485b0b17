package io.penstock.router.price;

import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.TokenUsage;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The disjoint classes of tokens, named as the fields of {@link TokenUsage}. */
final class TokenClasses {

  static final String INPUT = "input_";
  static final String OUTPUT = "output_";
  static final String INPUT_UNCACHED = TokenClass.INPUT_UNCACHED.wire();
  static final String INPUT_AUDIO = TokenClass.INPUT_AUDIO.wire();
  static final String INPUT_IMAGE = TokenClass.INPUT_IMAGE.wire();
  static final String OUTPUT_TEXT = TokenClass.OUTPUT_TEXT.wire();

  /** What a customer's price rule adds for each answered request; no class of tokens. */
  static final String REQUEST = "request";

  /** Classes of tokens that one call may have, so lines that are rounded each for itself. */
  static final int COUNT = TokenClass.ALL.size();

  /**
   * What a class without a price is a kind of. Audio in and out and images out are kinds of
   * nothing: where they are to be had, they cost a multiple of text.
   */
  private static final Map<String, String> KIND_OF =
      Map.of(
          TokenClass.INPUT_CACHE_READ.wire(),
          INPUT_UNCACHED,
          TokenClass.INPUT_CACHE_WRITE_5M.wire(),
          INPUT_UNCACHED,
          TokenClass.INPUT_CACHE_WRITE_1H.wire(),
          TokenClass.INPUT_CACHE_WRITE_5M.wire(),
          INPUT_IMAGE,
          INPUT_UNCACHED,
          TokenClass.OUTPUT_REASONING.wire(),
          OUTPUT_TEXT);

  private TokenClasses() {}

  /** What to do with each class. */
  interface Visitor {
    /**
     * One class.
     *
     * @param count absent when the provider did not mention it
     */
    void visit(String tokenClass, @Nullable Long count);
  }

  /** All classes in one order: input, output, tool units by name. */
  static void visit(TokenUsage usage, Visitor visitor) {
    for (var each : TokenClass.ALL) {
      visitor.visit(each.wire(), each.count(usage));
    }
    if (!usage.getToolUnits().isEmpty()) {
      new TreeMap<>(usage.getToolUnits())
          .forEach((name, units) -> visitor.visit(TokenClass.TOOL_UNITS + name, units));
    }
  }

  /** Tokens of the prompt, cached or not: the size by which tiers of prices go. */
  static long input(TokenUsage usage) {
    var sum = 0L;
    for (var each : TokenClass.INPUT) {
      var count = each.count(usage);
      sum = Math.addExact(sum, count == null ? 0 : Math.max(0, count));
    }
    return sum;
  }

  /** What a class is a kind of; absent when it is a kind of nothing. */
  static @Nullable String kindOf(String tokenClass) {
    return KIND_OF.get(tokenClass);
  }

  /** Whether it counts tokens, rather than searches or seconds. */
  static boolean isToken(String tokenClass) {
    return !tokenClass.startsWith(TokenClass.TOOL_UNITS);
  }
}
