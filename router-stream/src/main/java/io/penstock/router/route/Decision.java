package io.penstock.router.route;

import java.util.ArrayList;
import java.util.List;

/**
 * What follows from an event.
 *
 * @param next the state to keep
 * @param effects what to do, together with keeping the state or not at all
 */
public record Decision(RequestState next, List<Effect> effects) {

  public Decision {
    effects = List.copyOf(effects);
  }

  static Decision of(RequestState next, Effect... effects) {
    return new Decision(next, List.of(effects));
  }

  /** The same, and something else besides. */
  Decision and(Effect more) {
    var all = new ArrayList<Effect>(effects.size() + 1);
    all.addAll(effects);
    all.add(more);
    return new Decision(next, all);
  }

  /** Nothing follows: the event is late, or came twice. */
  public static Decision ignore(RequestState state) {
    return new Decision(state, List.of());
  }
}
