package io.penstock.router.admit;

import io.penstock.platform.money.Money;
import io.penstock.router.budget.Pricing;
import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.Target;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A target whose price is known, with all that a hold needs worked out once.
 *
 * @param pinned as it goes into the state of requests; shared, so nobody may change it
 * @param inputPrice dearest price of an input token, USD per million
 * @param outputPrice dearest price of an output token, USD per million
 * @param priceFrom when the price comes into force; absent when it always was
 */
public record PricedTarget(
    PinnedTarget pinned,
    BigDecimal inputPrice,
    BigDecimal outputPrice,
    @Nullable Instant priceFrom) {

  static PricedTarget of(Target target, PriceEntry price) {
    return new PricedTarget(
        new PinnedTarget(
            target.getPool(),
            target.getUpstreamModel(),
            new PinnedPrice(price.getName(), price.getVersion(), price.getLines()),
            target.getOutputTokensMax(),
            target.getCapabilities().contains("prefill")),
        Pricing.dearestInput(price.getLines()),
        Pricing.dearestOutput(price.getLines()),
        price.getEffectiveFrom());
  }

  boolean pricedAt(Instant at) {
    return priceFrom == null || !at.isBefore(priceFrom);
  }

  /** The most that a request can cost here, as far as the bounds of its tokens hold. */
  public Money bound(RequestFacts facts, Surface surface) {
    var output =
        Math.multiplyExact((long) Math.max(1, facts.getChoices()), outputLimit(facts, surface));
    return Money.ceilingOf(Math.max(0, facts.getInputTokensBound()), inputPrice)
        .plus(Money.ceilingOf(output, outputPrice));
  }

  private long outputLimit(RequestFacts facts, Surface surface) {
    if (surface == Surface.OPENAI_EMBEDDINGS) {
      return 0;
    }
    var own = facts.getOutputTokensMax();
    return Math.max(0, own == null ? pinned.getOutputTokensMax() : own);
  }
}
