package io.penstock.simulator.calls;

import io.penstock.simulator.behaviour.Hash;

/** Which request a call belongs to: its repetitions share it. */
public sealed interface CallIdentity {
  /** The name in the log. */
  String text();

  /** Same identity, same number; the draws of faults and latencies start from it. */
  long hash();

  /**
   * The caller sent an id.
   *
   * @param text the id, at most {@link #LENGTH_MAX} characters
   */
  record Named(String text) implements CallIdentity {
    /** Longer ids are cut. */
    public static final int LENGTH_MAX = 200;

    /** Cuts what is too long. */
    public Named {
      text = text.length() > LENGTH_MAX ? text.substring(0, LENGTH_MAX) : text;
    }

    @Override
    public long hash() {
      return Hash.of(text);
    }
  }

  /** The caller sent none: equal bodies are taken for the same request. */
  record Anonymous(long bodyHash) implements CallIdentity {
    @Override
    public String text() {
      return "body-" + Long.toHexString(bodyHash);
    }

    @Override
    public long hash() {
      return bodyHash;
    }
  }
}
