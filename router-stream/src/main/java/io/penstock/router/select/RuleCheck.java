package io.penstock.router.select;

import org.jspecify.annotations.Nullable;

/**
 * Tells what is wrong with a rule's condition before it is published. At run time a wrong one does
 * no harm: it never holds.
 */
public final class RuleCheck {

  private RuleCheck() {}

  /** What is wrong with a condition, in one line; absent when nothing is. */
  public static @Nullable String problem(String condition) {
    return switch (Conditions.compile(condition)) {
      case Conditions.Good _ -> null;
      case Conditions.Bad(var problem) -> problem;
    };
  }
}
