package io.penstock.router.price;

import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PinnedRule;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Factors of charges; cost has none. */
final class Factors {

  private Factors() {}

  static BigDecimal batch(PinnedPrice price) {
    var factor = price.getBatchFactor();
    return factor == null ? BigDecimal.ONE : new BigDecimal(factor);
  }

  static BigDecimal of(PinnedPrice price, Lane lane) {
    return lane == Lane.BATCH ? batch(price) : BigDecimal.ONE;
  }

  static BigDecimal of(@Nullable PinnedRule rule) {
    return rule == null ? BigDecimal.ONE : new BigDecimal(rule.getFactor());
  }
}
