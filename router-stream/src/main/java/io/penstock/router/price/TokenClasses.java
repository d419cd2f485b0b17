package io.penstock.router.price;

import io.penstock.schemas.avro.TokenUsage;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The disjoint classes of tokens, named as the fields of {@link TokenUsage}. */
final class TokenClasses {

  static final String INPUT = "input_";
  static final String OUTPUT = "output_";
  static final String INPUT_UNCACHED = "input_uncached";
  static final String INPUT_AUDIO = "input_audio";
  static final String INPUT_IMAGE = "input_image";
  static final String OUTPUT_TEXT = "output_text";
  static final String TOOL_UNITS = "tool_units.";

  /** What a customer's price rule adds for each answered request; no class of tokens. */
  static final String REQUEST = "request";

  /** Classes of tokens that one call may have, so lines that are rounded each for itself. */
  static final int COUNT = 10;

  /**
   * What a class without a price is a kind of. Audio in and out and images out are kinds of
   * nothing: where they are to be had, they cost a multiple of text.
   */
  private static final Map<String, String> KIND_OF =
      Map.of(
          "input_cache_read",
          INPUT_UNCACHED,
          "input_cache_write_5m",
          INPUT_UNCACHED,
          "input_cache_write_1h",
          "input_cache_write_5m",
          INPUT_IMAGE,
          INPUT_UNCACHED,
          "output_reasoning",
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
    visitInput(usage, visitor);
    visitor.visit(OUTPUT_TEXT, usage.getOutputText());
    visitor.visit("output_reasoning", usage.getOutputReasoning());
    visitor.visit("output_audio", usage.getOutputAudio());
    visitor.visit("output_image", usage.getOutputImage());
    if (!usage.getToolUnits().isEmpty()) {
      new TreeMap<>(usage.getToolUnits())
          .forEach((name, units) -> visitor.visit(TOOL_UNITS + name, units));
    }
  }

  private static void visitInput(TokenUsage usage, Visitor visitor) {
    visitor.visit(INPUT_UNCACHED, usage.getInputUncached());
    visitor.visit("input_cache_read", usage.getInputCacheRead());
    visitor.visit("input_cache_write_5m", usage.getInputCacheWrite5m());
    visitor.visit("input_cache_write_1h", usage.getInputCacheWrite1h());
    visitor.visit(INPUT_AUDIO, usage.getInputAudio());
    visitor.visit(INPUT_IMAGE, usage.getInputImage());
  }

  /** Tokens of the prompt, cached or not: the size by which tiers of prices go. */
  static long input(TokenUsage usage) {
    var sum = new long[1];
    visitInput(
        usage,
        (_, count) -> sum[0] = Math.addExact(sum[0], count == null ? 0 : Math.max(0, count)));
    return sum[0];
  }

  /** What a class is a kind of; absent when it is a kind of nothing. */
  static @Nullable String kindOf(String tokenClass) {
    return KIND_OF.get(tokenClass);
  }

  /** Whether it counts tokens, rather than searches or seconds. */
  static boolean isToken(String tokenClass) {
    return !tokenClass.startsWith(TOOL_UNITS);
  }
}
