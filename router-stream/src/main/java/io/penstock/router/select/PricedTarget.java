package io.penstock.router.select;

import io.penstock.platform.money.Money;
import io.penstock.router.budget.Pricing;
import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.Target;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A target whose price is known, with all that a hold needs worked out once.
 *
 * @param pinned as it goes into the state of requests; shared, so nobody may change it
 * @param traits what it can do
 * @param inputPrice dearest price of an input token, USD per million
 * @param outputPrice dearest price of an output token, USD per million
 * @param priceFrom when the price comes into force; absent when it always was
 */
public record PricedTarget(
    PinnedTarget pinned,
    Traits traits,
    BigDecimal inputPrice,
    BigDecimal outputPrice,
    @Nullable Instant priceFrom) {

  /**
   * What a target can do, and where.
   *
   * @param provider the pool's provider
   * @param weight share of requests, relative to other targets
   * @param contextWindow tokens that fit, input and output together; absent means unknown
   * @param capabilities empty means unknown
   * @param residency where prompts stay; empty means nowhere in particular
   */
  public record Traits(
      String provider,
      int weight,
      @Nullable Long contextWindow,
      Set<String> capabilities,
      Set<String> residency) {

    public Traits {
      capabilities = Set.copyOf(capabilities);
      residency = Set.copyOf(residency);
    }
  }

  /** Resolves a target of the catalogue. */
  public static PricedTarget of(Target target, PoolEntry pool, PriceEntry price) {
    return new PricedTarget(
        new PinnedTarget(
            target.getPool(),
            target.getUpstreamModel(),
            new PinnedPrice(
                price.getName(),
                price.getVersion(),
                price.getLines(),
                price.getBatchFactor(),
                false),
            target.getOutputTokensMax(),
            target.getCapabilities().contains("prefill")),
        new Traits(
            pool.getProvider(),
            target.getWeight(),
            target.getContextWindow(),
            Set.copyOf(target.getCapabilities()),
            Set.copyOf(target.getResidency())),
        Pricing.dearestInput(price.getLines()),
        Pricing.dearestOutput(price.getLines()),
        price.getEffectiveFrom());
  }

  /** Whether its price is in force. */
  public boolean pricedAt(Instant at) {
    return priceFrom == null || !at.isBefore(priceFrom);
  }

  /** Pool and model, the way people write it; unique within a request. */
  public String name() {
    return pinned.getPool() + "/" + pinned.getUpstreamModel();
  }

  /** Whether a name is its pool's, or its provider's, in whatever case. */
  boolean called(String name) {
    return pinned.getPool().equalsIgnoreCase(name) || traits.provider().equalsIgnoreCase(name);
  }

  /**
   * The most that a request can cost here, as far as the bounds of its tokens hold.
   *
   * @throws ArithmeticException when it is beyond all money
   */
  public Money bound(RequestFacts facts, Surface surface) {
    var output =
        Math.multiplyExact((long) Math.max(1, facts.getChoices()), outputLimit(facts, surface));
    return Money.ceilingOf(Math.max(0, facts.getInputTokensBound()), inputPrice)
        .plus(Money.ceilingOf(output, outputPrice));
  }

  /** Output tokens that one answer may have here. */
  long outputLimit(RequestFacts facts, Surface surface) {
    if (surface == Surface.OPENAI_EMBEDDINGS) {
      return 0;
    }
    var own = facts.getOutputTokensMax();
    return Math.max(0, own == null ? pinned.getOutputTokensMax() : own);
  }
}
