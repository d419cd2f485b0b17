package io.penstock.router.select;

import io.penstock.platform.money.Money;
import io.penstock.router.price.CheckedUsage;
import io.penstock.router.price.CustomerPrice;
import io.penstock.router.price.PriceCeiling;
import io.penstock.router.price.PriceSchedule;
import io.penstock.router.price.PriceSchedule.Phase;
import io.penstock.schemas.avro.AssumedTier;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.Target;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A target at one price, with all that a hold needs worked out once.
 *
 * @param pinned as it goes into the state of requests; shared, so nobody may change it
 * @param traits what it can do
 * @param ceiling the most that tokens cost here
 * @param phases the same target over time, earliest first; empty where it is one of them
 */
public record PricedTarget(
    PinnedTarget pinned, Traits traits, PriceCeiling ceiling, List<Priced> phases) {

  public PricedTarget {
    phases = List.copyOf(phases);
  }

  /** The target from a time on. */
  public record Priced(Instant from, PricedTarget target) {}

  /**
   * What a target can do, and where.
   *
   * @param provider the pool's provider
   * @param tier to count on where a request asks for none
   * @param weight share of requests, relative to other targets
   * @param contextWindow tokens that fit, input and output together; absent means unknown
   * @param capabilities empty means unknown
   * @param residency where prompts stay; empty means nowhere in particular
   */
  public record Traits(
      String provider,
      AssumedTier tier,
      int weight,
      @Nullable Long contextWindow,
      Set<String> capabilities,
      Set<String> residency) {

    public Traits {
      capabilities = Set.copyOf(capabilities);
      residency = Set.copyOf(residency);
    }
  }

  /** Resolves a target of the catalogue whose price is valid. */
  public static PricedTarget of(String model, Target target, PoolEntry pool, PriceEntry price) {
    return of(model, target, pool, PriceSchedule.of(price));
  }

  /**
   * Resolves a target of the catalogue.
   *
   * @param model own name of the model that it serves
   */
  public static PricedTarget of(
      String model, Target target, PoolEntry pool, PriceSchedule schedule) {
    var traits =
        new Traits(
            pool.getProvider(),
            pool.getAssumedTier(),
            target.getWeight(),
            target.getContextWindow(),
            Set.copyOf(target.getCapabilities()),
            Set.copyOf(target.getResidency()));
    var phases = new ArrayList<Priced>(schedule.phases().size());
    for (var phase : schedule.phases()) {
      phases.add(new Priced(phase.from(), of(model, target, traits, phase, List.of())));
    }
    return of(model, target, traits, schedule.phases().getFirst(), phases);
  }

  private static PricedTarget of(
      String model, Target target, Traits traits, Phase phase, List<Priced> phases) {
    return new PricedTarget(
        new PinnedTarget(
            target.getPool(),
            target.getUpstreamModel(),
            phase.price(),
            target.getOutputTokensMax(),
            target.getCapabilities().contains("prefill"),
            model),
        traits,
        phase.ceiling(),
        phases);
  }

  /** This target at the price in force; absent when none is yet. */
  public @Nullable PricedTarget at(Instant at) {
    PricedTarget inForce = null;
    for (var phase : phases) {
      if (!at.isBefore(phase.from())) {
        inForce = phase.target();
      }
    }
    return inForce;
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
   * The most that a request can cost here at list price, as far as the bounds of its tokens hold.
   *
   * @throws ArithmeticException when it is beyond all money
   */
  public Money bound(InferenceRequested request) {
    return ceiling.cost(request, outputBound(request), traits.tier());
  }

  /**
   * The most that a request can be charged here, as far as the bounds of its tokens hold.
   *
   * @param customer what its customer pays
   * @throws ArithmeticException when it is beyond all money
   */
  public Money bound(InferenceRequested request, CustomerPrice customer) {
    return charged(customer)
        .charge(request, outputBound(request), traits.tier(), customer.pinned());
  }

  /** The dearest that an input token of a request can be charged here, USD per million. */
  BigDecimal inputPrice(InferenceRequested request, CustomerPrice customer) {
    var charged = charged(customer);
    return charged
        .input(request, traits.tier())
        .multiply(charged.factor(request, customer.pinned()));
  }

  /** The dearest that an output token of a request can be charged here, USD per million. */
  BigDecimal outputPrice(InferenceRequested request, CustomerPrice customer) {
    var charged = charged(customer);
    return charged
        .output(request, traits.tier())
        .multiply(charged.factor(request, customer.pinned()));
  }

  /** The price that a customer pays by: this target's own, unless a rule names another. */
  private PriceCeiling charged(CustomerPrice customer) {
    return customer instanceof CustomerPrice.Ruled(_, var own) && own != null ? own : ceiling;
  }

  /**
   * The most tokens that a request can use here, input and output.
   *
   * @throws ArithmeticException when there are more than there are numbers
   */
  public long tokensBound(InferenceRequested request) {
    return Math.addExact(
        Math.max(0, request.getFacts().getInputTokensBound()), outputBound(request));
  }

  private long outputBound(InferenceRequested request) {
    return CheckedUsage.outputBound(request.getFacts(), request.getSurface(), pinned);
  }

  /** Output tokens that one answer may have here. */
  long outputLimit(InferenceRequested request) {
    return CheckedUsage.outputLimit(request.getFacts(), request.getSurface(), pinned);
  }
}
