package io.penstock.router.price;

import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.ChargeLine;
import java.util.List;

/**
 * What some usage comes to.
 *
 * @param lines one for each token class with tokens
 * @param total sum of the lines' amounts
 * @param guessed token classes that have no price, not even by analogy, and were priced as the
 *     dearest one
 */
public record PricedUsage(List<ChargeLine> lines, Money total, List<String> guessed) {

  static final PricedUsage NOTHING = new PricedUsage(List.of(), Money.ZERO, List.of());

  public PricedUsage {
    lines = List.copyOf(lines);
    guessed = List.copyOf(guessed);
  }
}
