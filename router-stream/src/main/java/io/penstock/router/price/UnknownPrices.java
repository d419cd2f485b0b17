package io.penstock.router.price;

import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.Target;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a model's targets cost, also where nobody says: each model says what happens then. */
public final class UnknownPrices {

  private UnknownPrices() {}

  /**
   * The price of a target over time.
   *
   * @param prices by name
   * @return absent when the target may not be used
   */
  public static @Nullable PriceSchedule schedule(
      ModelEntry model, Target target, Function<String, @Nullable PriceEntry> prices) {
    var own = PriceSchedule.usable(prices.apply(target.getPrice()));
    var other =
        switch (model.getUnknownPrice()) {
          case REJECT -> null;
          case FALLBACK ->
              model.getFallbackPrice() == null
                  ? null
                  : PriceSchedule.usable(prices.apply(model.getFallbackPrice()));
          case ZERO_FLAGGED -> PriceSchedule.unknown(target.getPrice());
        };
    return own == null ? other : other == null ? own : own.after(other);
  }
}
