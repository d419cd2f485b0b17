package io.penstock.simulator.dialect;

import java.util.Set;

/**
 * How an answer is told.
 *
 * @param id makes its identifiers
 * @param createdSeconds epoch time
 * @param omissions what is left out on purpose
 */
public record Telling(long id, long createdSeconds, Set<Omission> omissions) {
  /** What can be left out. */
  public enum Omission {
    /** Why it ended, and with it the end marker of a stream. */
    FINISH,
    /** The end marker of a stream. */
    END,
    /** The usage. */
    USAGE,
    /** All of the usage but the input. */
    USAGE_OF_OUTPUT
  }

  /** Copies the set. */
  public Telling {
    omissions = Set.copyOf(omissions);
  }

  /** Whether something is left out. */
  public boolean omits(Omission omission) {
    return omissions.contains(omission);
  }

  /** An identifier with a prefix. */
  public String id(String prefix) {
    return prefix + Long.toHexString(id);
  }
}
