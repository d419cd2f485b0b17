package io.penstock.worker.dialect;

import org.jspecify.annotations.Nullable;

/**
 * An inclusive count of tokens, out of which its classes are taken one after the other; what is
 * left is the class without a name of its own. Classes never add up to more than the whole,
 * whatever a provider says. Not thread-safe.
 */
public final class Remainder {

  private long left;

  /**
   * Nothing has been taken yet.
   *
   * @param whole tokens, not negative
   */
  public Remainder(long whole) {
    this.left = whole;
  }

  /** The tokens of a class, at most what is left; null when the class is not mentioned. */
  public @Nullable Long take(@Nullable Long part) {
    if (part == null) {
      return null;
    }
    var taken = Math.min(part, left);
    left -= taken;
    return taken;
  }

  /** Tokens that no class has taken so far. */
  public long left() {
    return left;
  }
}
