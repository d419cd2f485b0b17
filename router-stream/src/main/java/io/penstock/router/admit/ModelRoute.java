package io.penstock.router.admit;

import java.util.List;

/**
 * Where a model is served.
 *
 * @param name the model's own name, whichever alias was asked for
 * @param targets those that exist and have a price, in the order of the catalogue
 * @param configured how many targets the catalogue names, whether usable or not
 * @param attemptsMax attempts at most for one request
 */
public record ModelRoute(String name, List<PricedTarget> targets, int configured, int attemptsMax) {

  public ModelRoute {
    targets = List.copyOf(targets);
  }
}
