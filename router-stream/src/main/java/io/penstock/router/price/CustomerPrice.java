package io.penstock.router.price;

import io.penstock.schemas.avro.PinnedRule;
import org.jspecify.annotations.Nullable;

/** What a customer pays for a request. */
public sealed interface CustomerPrice {

  /** The rule that applies; absent at the list price. */
  default @Nullable PinnedRule pinned() {
    return this instanceof Ruled ruled ? ruled.rule() : null;
  }

  /** The list price. */
  record AtList() implements CustomerPrice {}

  /**
   * What one of its rules says.
   *
   * @param rule as it goes into the state of the request
   * @param ceiling of the price that takes the place of the targets' own; absent where none does
   */
  record Ruled(PinnedRule rule, @Nullable PriceCeiling ceiling) implements CustomerPrice {}

  /**
   * Nobody can say: the price that a rule names is not known, or not in force.
   *
   * @param rule id of the rule
   * @param price that it names
   */
  record Unknown(String rule, String price) implements CustomerPrice {}
}
