package io.penstock.schemas;

import io.penstock.schemas.avro.TokenUsage;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The disjoint classes of a {@link TokenUsage} that are counted in tokens, in the order of its
 * fields. Prices, charges and reports name them by {@link #wire}.
 */
public enum TokenClass {
  INPUT_UNCACHED(TokenUsage::getInputUncached),
  INPUT_CACHE_READ(TokenUsage::getInputCacheRead),
  INPUT_CACHE_WRITE_5M(TokenUsage::getInputCacheWrite5m),
  INPUT_CACHE_WRITE_1H(TokenUsage::getInputCacheWrite1h),
  INPUT_AUDIO(TokenUsage::getInputAudio),
  INPUT_IMAGE(TokenUsage::getInputImage),
  OUTPUT_TEXT(TokenUsage::getOutputText),
  OUTPUT_REASONING(TokenUsage::getOutputReasoning),
  OUTPUT_AUDIO(TokenUsage::getOutputAudio),
  OUTPUT_IMAGE(TokenUsage::getOutputImage);

  /** What the names of units of tools begin with, which are counted beside tokens. */
  public static final String TOOL_UNITS = "tool_units.";

  /** All classes, input before output. */
  public static final Set<TokenClass> ALL =
      Collections.unmodifiableSet(EnumSet.allOf(TokenClass.class));

  /** Classes of the prompt, cached or not. */
  public static final Set<TokenClass> INPUT =
      Collections.unmodifiableSet(EnumSet.range(INPUT_UNCACHED, INPUT_IMAGE));

  /** Classes of the answer. */
  public static final Set<TokenClass> OUTPUT =
      Collections.unmodifiableSet(EnumSet.range(OUTPUT_TEXT, OUTPUT_IMAGE));

  private interface Count {
    @Nullable Long of(TokenUsage usage);
  }

  private final Count count;
  private final String wire;

  TokenClass(Count count) {
    this.count = count;
    this.wire = name().toLowerCase(Locale.ROOT);
  }

  /** As the field of the usage is named. */
  public String wire() {
    return wire;
  }

  /** Its tokens; absent when the provider did not mention them. */
  public @Nullable Long count(TokenUsage usage) {
    return count.of(usage);
  }

  /** All tokens of the prompt; what was not mentioned adds nothing. */
  public static long input(TokenUsage usage) {
    return sum(usage, INPUT);
  }

  /** All tokens of the answer; what was not mentioned adds nothing. */
  public static long output(TokenUsage usage) {
    return sum(usage, OUTPUT);
  }

  private static long sum(TokenUsage usage, Collection<TokenClass> classes) {
    var sum = 0L;
    for (var each : classes) {
      var count = each.count(usage);
      sum += count == null ? 0 : count;
    }
    return sum;
  }
}
