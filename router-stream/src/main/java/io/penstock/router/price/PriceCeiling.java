package io.penstock.router.price;

import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.AssumedTier;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PinnedRule;
import io.penstock.schemas.avro.RequestFacts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The most that tokens can cost under a price: each token at the dearest line that can apply to it,
 * whatever the provider's cache turns out to be, and its tier as far as the pool does not say.
 * Images and audio are in a prompt only if the request has any. What tools are used for is beyond
 * any bound, and not in it.
 *
 * @param lines of the price, read once
 * @param batchFactor for charges of batch lines
 */
public record PriceCeiling(List<Line> lines, BigDecimal batchFactor) {

  public PriceCeiling {
    lines = List.copyOf(lines);
  }

  /** A price line of tokens with its price read. */
  record Line(String tokenClass, BigDecimal usdPerMillion, long above, @Nullable String tier) {

    /** Whether its tokens have a price of their own at any size of prompt and in any tier. */
    private boolean always() {
      return above == 0 && tier == null;
    }
  }

  /** Of a valid price. */
  public static PriceCeiling of(PinnedPrice price) {
    var lines = new ArrayList<Line>(price.getLines().size());
    for (var line : price.getLines()) {
      if (TokenClasses.isToken(line.getTokenClass())) {
        lines.add(
            new Line(
                line.getTokenClass(),
                new BigDecimal(line.getUsdPerMillion()),
                line.getInputTokensAbove(),
                line.getServiceTier()));
      }
    }
    return new PriceCeiling(lines, Factors.batch(price));
  }

  /**
   * The dearest price that an input token of a request can have, USD per million.
   *
   * @param assumed tier to count on where it asks for none
   */
  public BigDecimal input(InferenceRequested request, AssumedTier assumed) {
    var facts = request.getFacts();
    var named = !facts.getAudio() || always(TokenClasses.INPUT_AUDIO);
    return named && always(TokenClasses.INPUT_UNCACHED)
        ? dearest(line -> inPrompt(line, facts), request, assumed)
        : dearest(_ -> true, request, assumed);
  }

  private static boolean inPrompt(Line line, RequestFacts facts) {
    var tokenClass = line.tokenClass();
    if (tokenClass.equals(TokenClasses.INPUT_AUDIO)) {
      return facts.getAudio();
    }
    if (tokenClass.equals(TokenClasses.INPUT_IMAGE)) {
      return facts.getImages();
    }
    return tokenClass.startsWith(TokenClasses.INPUT);
  }

  /**
   * The dearest price that an output token of a request can have, USD per million.
   *
   * @param assumed tier to count on where it asks for none
   */
  public BigDecimal output(InferenceRequested request, AssumedTier assumed) {
    // an answer may have audio or images that nobody priced: these cost as the dearest class
    return dearest(_ -> true, request, assumed);
  }

  /**
   * The most that a request can cost at list price.
   *
   * @param output tokens at most, of all answers together
   * @param assumed tier to count on where it asks for none
   * @throws ArithmeticException when it is beyond all money
   */
  public Money cost(InferenceRequested request, long output, AssumedTier assumed) {
    return bound(request, output, assumed, BigDecimal.ONE);
  }

  /**
   * The most that a request can be charged.
   *
   * @param assumed tier to count on where it asks for none
   * @param rule of the customer; absent for the list price
   * @throws ArithmeticException when it is beyond all money
   */
  public Money charge(
      InferenceRequested request, long output, AssumedTier assumed, @Nullable PinnedRule rule) {
    var bound = bound(request, output, assumed, factor(request, rule));
    return rule == null ? bound : bound.plus(new Money(rule.getRequestNanoUsd()));
  }

  /**
   * What a token is charged by, as a share of its price.
   *
   * @param rule of the customer; absent for the list price
   */
  public BigDecimal factor(InferenceRequested request, @Nullable PinnedRule rule) {
    var factor = Factors.of(rule);
    return request.getLane() == Lane.BATCH ? factor.multiply(batchFactor) : factor;
  }

  private Money bound(
      InferenceRequested request, long output, AssumedTier assumed, BigDecimal factor) {
    return Money.ceilingOf(
            Math.max(0, request.getFacts().getInputTokensBound()),
            input(request, assumed).multiply(factor))
        .plus(Money.ceilingOf(output, output(request, assumed).multiply(factor)))
        .plus(new Money(rounding(factor)));
  }

  /** Each line of a charge may be rounded up by half a nano-USD, unless a token is whole ones. */
  private long rounding(BigDecimal factor) {
    for (var line : lines) {
      var nano = line.usdPerMillion().multiply(factor).scaleByPowerOfTen(3);
      if (nano.stripTrailingZeros().scale() > 0) {
        return TokenClasses.COUNT / 2;
      }
    }
    return 0;
  }

  private boolean always(String tokenClass) {
    for (var line : lines) {
      if (line.always() && line.tokenClass().equals(tokenClass)) {
        return true;
      }
    }
    return false;
  }

  private BigDecimal dearest(Predicate<Line> of, InferenceRequested request, AssumedTier assumed) {
    var dearest = BigDecimal.ZERO;
    for (var line : lines) {
      if (of.test(line)
          && (line.above() == 0 || request.getFacts().getInputTokensBound() > line.above())
          && ServiceTiers.possible(line.tier(), request.getServiceTier(), assumed)
          && line.usdPerMillion().compareTo(dearest) > 0) {
        dearest = line.usdPerMillion();
      }
    }
    return dearest;
  }
}
