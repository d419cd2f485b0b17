package io.penstock.router.price;

import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.TokenUsage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tokens times prices, exact, rounded once per line, half even.
 *
 * <p>Of the lines of a class, those of the call's service tier come before those without one; of
 * these, the one counts whose {@code input_tokens_above} is the highest that the whole prompt is
 * above, and it counts for all tokens of the class. A class without a line of its own has the price
 * of the class that it is a kind of. One that is no kind of a priced class is priced as the dearest
 * class there is, and named: nothing is ever free because nobody priced it.
 */
public final class Pricing {

  private Pricing() {}

  /**
   * Prices what was used in one call.
   *
   * @param usage plausible, as {@link CheckedUsage} makes sure; nothing when absent
   * @param prices valid, as {@link #valid(List)} checks; none at all make it free
   * @param asked service tier that the request asked for; what the provider says goes before
   * @param factor by which every price is multiplied
   * @throws ArithmeticException when it is more than all money
   */
  public static PricedUsage price(
      @Nullable TokenUsage usage,
      List<PriceLine> prices,
      @Nullable String asked,
      BigDecimal factor) {
    if (usage == null || prices.isEmpty()) {
      return PricedUsage.NOTHING;
    }
    var bill =
        new Bill(
            prices,
            TokenClasses.input(usage),
            ServiceTiers.of(usage.getServiceTier(), asked),
            factor);
    TokenClasses.visit(usage, bill::add);
    return new PricedUsage(bill.lines, bill.total, bill.guessed);
  }

  /** What providers bill for one call: at their list price, without any factor. */
  public static PricedUsage cost(
      @Nullable TokenUsage usage, List<PriceLine> prices, @Nullable String asked) {
    return price(usage, prices, asked, BigDecimal.ONE);
  }

  /** Whether every line is a decimal that is not negative, and there is at least one. */
  public static boolean valid(List<PriceLine> prices) {
    for (var line : prices) {
      if (!decimal(line.getUsdPerMillion())) {
        return false;
      }
    }
    return !prices.isEmpty();
  }

  /** Whether a price can be used, now and after each of its changes. */
  public static boolean valid(PriceEntry price) {
    var factor = price.getBatchFactor();
    return valid(price.getLines())
        && (factor == null || decimal(factor))
        && price.getChanges().stream().allMatch(change -> valid(change.getLines()));
  }

  private static boolean decimal(String text) {
    try {
      return new BigDecimal(text).signum() >= 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** A decimal without exponent and without trailing zeros. */
  static String plain(BigDecimal decimal) {
    return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString();
  }

  /** Collects lines; lives as long as one call of {@link #price}. */
  private static final class Bill {
    private final List<PriceLine> prices;
    private final long input;
    private final @Nullable String tier;
    private final BigDecimal factor;
    private final List<ChargeLine> lines = new ArrayList<>(4);
    private final List<String> guessed = new ArrayList<>(0);
    private Money total = Money.ZERO;

    Bill(List<PriceLine> prices, long input, @Nullable String tier, BigDecimal factor) {
      this.prices = prices;
      this.input = input;
      this.tier = tier;
      this.factor = factor;
    }

    void add(String tokenClass, @Nullable Long quantity) {
      if (quantity == null || quantity == 0) {
        return;
      }
      var line = priceOf(tokenClass);
      if (line == null) {
        guessed.add(tokenClass);
        line = dearest(tokenClass);
      }
      var list = new BigDecimal(line.getUsdPerMillion());
      var price = factor.equals(BigDecimal.ONE) ? list : list.multiply(factor);
      var amount = Money.priceOf(quantity, price);
      lines.add(new ChargeLine(tokenClass, quantity, plain(price), amount.nanoUsd()));
      total = total.plus(amount);
    }

    private @Nullable PriceLine priceOf(String tokenClass) {
      for (String name = tokenClass; name != null; name = TokenClasses.kindOf(name)) {
        PriceLine best = null;
        for (var line : prices) {
          if (line.getTokenClass().equals(name) && holds(line) && before(line, best)) {
            best = line;
          }
        }
        if (best != null) {
          return best;
        }
      }
      return null;
    }

    private boolean holds(PriceLine line) {
      return line.getInputTokensAbove() == 0 || input > line.getInputTokensAbove()
          ? line.getServiceTier() == null || line.getServiceTier().equals(tier)
          : false;
    }

    private static boolean before(PriceLine line, @Nullable PriceLine other) {
      if (other == null) {
        return true;
      }
      if ((line.getServiceTier() == null) != (other.getServiceTier() == null)) {
        return line.getServiceTier() != null;
      }
      return line.getInputTokensAbove() > other.getInputTokensAbove();
    }

    /** Tokens are not priced as searches are. */
    private PriceLine dearest(String tokenClass) {
      var token = TokenClasses.isToken(tokenClass);
      PriceLine dearest = null;
      var most = BigDecimal.ZERO;
      for (var line : prices) {
        var price = new BigDecimal(line.getUsdPerMillion());
        var comparable = !token || TokenClasses.isToken(line.getTokenClass());
        if (comparable && holds(line) && (dearest == null || price.compareTo(most) > 0)) {
          dearest = line;
          most = price;
        }
      }
      return dearest == null ? prices.getFirst() : dearest;
    }
  }
}
