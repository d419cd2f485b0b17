package io.penstock.ingress.sweep;

/** What is known of batches. */
@FunctionalInterface
public interface Standings {

  /** Where a batch stands. */
  enum Standing {
    /** It needs all that belongs to it, or another instance decides on it. */
    UNFINISHED,
    /** It needs nothing any more. */
    ENDED,
    /** Nobody has it, as far as this instance can tell: perhaps it was never created. */
    UNKNOWN
  }

  /** Where a batch stands. */
  Standing of(String batch);
}
