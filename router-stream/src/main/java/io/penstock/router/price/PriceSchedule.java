package io.penstock.router.price;

import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A price over time, each phase ready to be pinned. Immutable.
 *
 * @param phases earliest first
 */
public record PriceSchedule(List<Phase> phases) {

  public PriceSchedule {
    phases = List.copyOf(phases);
  }

  /**
   * The price from a time on.
   *
   * @param price shared by all requests that it is pinned in, so nobody may change it
   */
  public record Phase(Instant from, PinnedPrice price, PriceCeiling ceiling) {}

  /** Of a valid price. */
  public static PriceSchedule of(PriceEntry price) {
    var from = price.getEffectiveFrom();
    var phases = new ArrayList<Phase>(1 + price.getChanges().size());
    phases.add(phase(price, from == null ? Instant.MIN : from, price.getLines()));
    for (var change : price.getChanges()) {
      phases.add(phase(price, change.getFrom(), change.getLines()));
    }
    return new PriceSchedule(phases);
  }

  /** Of a price that may be absent or broken; absent then. */
  static @Nullable PriceSchedule usable(@Nullable PriceEntry price) {
    return price == null || !Pricing.valid(price) ? null : of(price);
  }

  /** Of a target that is served although nobody knows its price: free, and said so. */
  public static PriceSchedule unknown(String name) {
    var pinned = new PinnedPrice(name, 0L, List.of(), null, true);
    return new PriceSchedule(List.of(new Phase(Instant.MIN, pinned, PriceCeiling.of(pinned))));
  }

  private static Phase phase(PriceEntry price, Instant from, List<PriceLine> lines) {
    var pinned =
        new PinnedPrice(price.getName(), price.getVersion(), lines, price.getBatchFactor(), false);
    return new Phase(from, pinned, PriceCeiling.of(pinned));
  }

  /** What is in force at a time; absent when nothing is yet. */
  public @Nullable Phase at(Instant at) {
    Phase inForce = null;
    for (var phase : phases) {
      if (!at.isBefore(phase.from())) {
        inForce = phase;
      }
    }
    return inForce;
  }

  /** The same, with another schedule for the time before it is in force. */
  PriceSchedule after(PriceSchedule earlier) {
    var first = phases.getFirst().from();
    var all = new ArrayList<Phase>();
    for (var phase : earlier.phases) {
      if (phase.from().isBefore(first)) {
        all.add(phase);
      }
    }
    all.addAll(phases);
    return new PriceSchedule(all);
  }
}
