package io.penstock.worker.dialect.judge;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Patterns come from callers, and some of them would run for years. */
final class BoundedPattern {

  private static final int TEXT_CHARACTERS_MAX = 2_000;
  private static final int LOOKS_MAX = 200_000;

  private BoundedPattern() {}

  /** Whether a pattern certainly does not occur in a text. */
  static boolean misses(String pattern, String text) {
    if (text.length() > TEXT_CHARACTERS_MAX) {
      return false;
    }
    try {
      return !Pattern.compile(pattern).matcher(new Counted(text, new int[1])).find();
    } catch (PatternSyntaxException | Exhausted _) {
      return false;
    }
  }

  private static final class Exhausted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Exhausted() {
      super("too many looks", null, false, false);
    }
  }

  /** Counts every look at a character, which is what backtracking spends. */
  private record Counted(CharSequence text, int[] looks) implements CharSequence {

    @Override
    public char charAt(int index) {
      if (++looks[0] > LOOKS_MAX) {
        throw new Exhausted();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(text.subSequence(start, end), looks);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
