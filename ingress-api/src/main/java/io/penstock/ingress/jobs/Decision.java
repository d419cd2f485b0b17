package io.penstock.ingress.jobs;

import java.util.Set;

/** What comes of an event: the next state, and what the shell has to do beside storing it. */
public record Decision(BatchState next, Set<Effect> effects) {

  public Decision {
    effects = Set.copyOf(effects);
  }

  /** What the shell has to do beside storing the state. */
  public enum Effect {
    /** Put the batch into the listings, and among those that need work. */
    LIST,
    /** Keep the result of the line. */
    KEEP_LINE,
    /** The batch needs no more work: its lines may be deleted. */
    RELEASE
  }

  static Decision of(BatchState next, Effect... effects) {
    return new Decision(next, Set.of(effects));
  }

  /** The event does not fit the state: it is a repetition, or late. */
  public static Decision ignore(BatchState state) {
    return of(state);
  }
}
