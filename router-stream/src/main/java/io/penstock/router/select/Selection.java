package io.penstock.router.select;

import io.penstock.schemas.avro.RouteExplanation;
import java.util.List;

/** The targets of a request, in the order in which they are to be called, and why. */
public sealed interface Selection {

  /** The explanation. */
  RouteExplanation explanation();

  /**
   * There are some.
   *
   * @param targets at least one
   * @param first index of the one to begin with: others before it do not answer at the moment
   */
  record Selected(List<PricedTarget> targets, int first, RouteExplanation explanation)
      implements Selection {

    public Selected {
      targets = List.copyOf(targets);
    }
  }

  /** There is none; the explanation says why of each. */
  record None(RouteExplanation explanation) implements Selection {}
}
