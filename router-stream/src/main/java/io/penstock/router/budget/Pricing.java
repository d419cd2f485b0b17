package io.penstock.router.budget;

import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.TokenUsage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tokens times prices, exact, rounded once per line, half even.
 *
 * <p>A class without a price of its own has the price of the class that it is a kind of. One that
 * is no kind of a priced class is priced as the dearest class there is, and named: nothing is ever
 * free because nobody priced it.
 */
public final class Pricing {

  static final String INPUT_UNCACHED = "input_uncached";
  static final String OUTPUT_TEXT = "output_text";

  private static final String INPUT = "input_";
  private static final String OUTPUT = "output_";
  private static final String TOOL_UNITS = "tool_units.";

  /** What a class without a price is a kind of. */
  private static final Map<String, String> KIND_OF =
      Map.of(
          "input_cache_read", INPUT_UNCACHED,
          "input_cache_write_5m", INPUT_UNCACHED,
          "input_cache_write_1h", "input_cache_write_5m",
          "output_reasoning", OUTPUT_TEXT);

  private Pricing() {}

  /**
   * Prices what was used.
   *
   * @param usage nothing when absent
   * @param prices with prices that are decimals and not negative, as {@link #valid} checks
   */
  public static PricedUsage price(@Nullable TokenUsage usage, List<PriceLine> prices) {
    if (usage == null) {
      return PricedUsage.NOTHING;
    }
    var bill = new Bill(prices);
    bill.add(INPUT_UNCACHED, usage.getInputUncached());
    bill.add("input_cache_read", usage.getInputCacheRead());
    bill.add("input_cache_write_5m", usage.getInputCacheWrite5m());
    bill.add("input_cache_write_1h", usage.getInputCacheWrite1h());
    bill.add("input_audio", usage.getInputAudio());
    bill.add("input_image", usage.getInputImage());
    bill.add(OUTPUT_TEXT, usage.getOutputText());
    bill.add("output_reasoning", usage.getOutputReasoning());
    bill.add("output_audio", usage.getOutputAudio());
    bill.add("output_image", usage.getOutputImage());
    new TreeMap<>(usage.getToolUnits())
        .forEach((name, units) -> bill.add(TOOL_UNITS + name, units));
    return new PricedUsage(bill.lines, bill.total, bill.guessed);
  }

  /** Whether every line is a decimal that is not negative, and there is at least one. */
  public static boolean valid(List<PriceLine> prices) {
    try {
      for (var line : prices) {
        if (new BigDecimal(line.getUsdPerMillion()).signum() < 0) {
          return false;
        }
      }
      return !prices.isEmpty();
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** The dearest price that an input token can have, USD per million. */
  public static BigDecimal dearestInput(List<PriceLine> prices) {
    return dearest(prices, INPUT);
  }

  /** The dearest price that an output token can have, USD per million. */
  public static BigDecimal dearestOutput(List<PriceLine> prices) {
    return dearest(prices, OUTPUT);
  }

  private static BigDecimal dearest(List<PriceLine> prices, String family) {
    var dearest = new BigDecimal(-1);
    for (var line : prices) {
      if (line.getTokenClass().startsWith(family)) {
        dearest = dearest.max(new BigDecimal(line.getUsdPerMillion()));
      }
    }
    return dearest.signum() < 0 ? dearest(prices) : dearest;
  }

  private static BigDecimal dearest(List<PriceLine> prices) {
    var dearest = BigDecimal.ZERO;
    for (var line : prices) {
      dearest = dearest.max(new BigDecimal(line.getUsdPerMillion()));
    }
    return dearest;
  }

  /** Collects lines; lives as long as one call of {@link #price}. */
  private static final class Bill {
    private final List<PriceLine> prices;
    private final List<ChargeLine> lines = new ArrayList<>(4);
    private final List<String> guessed = new ArrayList<>(0);
    private Money total = Money.ZERO;

    Bill(List<PriceLine> prices) {
      this.prices = prices;
    }

    void add(String tokenClass, @Nullable Long quantity) {
      if (quantity == null || quantity <= 0) {
        return;
      }
      var usdPerMillion = priceOf(tokenClass);
      if (usdPerMillion == null) {
        guessed.add(tokenClass);
        usdPerMillion = dearest(prices).toPlainString();
      }
      var amount = Money.priceOf(quantity, new BigDecimal(usdPerMillion));
      lines.add(new ChargeLine(tokenClass, quantity, usdPerMillion, amount.nanoUsd()));
      total = total.plus(amount);
    }

    private @Nullable String priceOf(String tokenClass) {
      for (String name = tokenClass; name != null; name = KIND_OF.get(name)) {
        for (var line : prices) {
          if (line.getTokenClass().equals(name)) {
            return line.getUsdPerMillion();
          }
        }
      }
      return null;
    }
  }
}
