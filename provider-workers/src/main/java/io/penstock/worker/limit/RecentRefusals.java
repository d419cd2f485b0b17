package io.penstock.worker.limit;

/**
 * Which of the last requests were refused, in the order in which they began. Not thread-safe.
 *
 * <p>Not in the order of their answers: a refusal comes at once, any other answer takes its time.
 * Of a burst of requests that a provider refuses a few of at random, the refused ones are heard of
 * first, and would look like a limit.
 */
final class RecentRefusals {

  private static final int KEPT = 1024;
  private static final int COUNTED = 32;

  private final long[] refused = new long[KEPT / Long.SIZE];
  private long next;

  /** A request begins; its number, by which its refusal is told. */
  long began() {
    set(next, false);
    return next++;
  }

  /** A request was refused. */
  void refused(long number) {
    if (number < next && number >= next - KEPT) {
      set(number, true);
    }
  }

  /** How many of the 32 requests up to this one are known to have been refused. */
  int upTo(long number) {
    var count = 0;
    for (var each = Math.max(0, Math.max(number - COUNTED + 1, next - KEPT));
        each <= Math.min(number, next - 1);
        each++) {
      count += (int) (refused[word(each)] >>> each & 1);
    }
    return count;
  }

  private void set(long number, boolean value) {
    var bit = 1L << number;
    refused[word(number)] = value ? refused[word(number)] | bit : refused[word(number)] & ~bit;
  }

  private static int word(long number) {
    return (int) (number % KEPT / Long.SIZE);
  }
}
