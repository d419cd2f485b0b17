package io.penstock.worker.limit;

/**
 * How many calls may run at once: grows while the provider serves, shrinks when it refuses more
 * than a fifth of what it is asked. A few refusals among many answers are noise, not a limit. Not
 * thread-safe.
 */
public final class Concurrency {

  private static final int ANSWERS_MIN = 20;
  private static final int REFUSED_PERCENT_MAX = 20;
  private static final int FLOOR_DIVISOR = 20;
  private static final double DECREASE = 0.7;
  private static final double INCREASE = 0.1;

  private long most;
  private double limit;
  private int answers;
  private int refusals;

  /** Starts at the most: providers that have no limit shall not be climbed slowly. */
  public Concurrency(long most) {
    this.most = Math.max(0, most);
    this.limit = this.most;
  }

  /** Changes the upper bound; the present limit moves with it. */
  public void configure(long newMost) {
    if (newMost == most) {
      return;
    }
    limit = most == 0 || limit >= most ? newMost : Math.min(newMost, limit);
    most = newMost;
    limit = Math.max(limit, floor());
  }

  /** Calls that may run at once. */
  public int limit() {
    return (int) limit;
  }

  /** Learns from one answer. */
  public void answered(Verdict verdict) {
    answers++;
    if (verdict == Verdict.REFUSED) {
      refusals++;
    }
    if (answers < Math.max(ANSWERS_MIN, limit / 2)) {
      return;
    }
    limit =
        refusals * 100L > (long) answers * REFUSED_PERCENT_MAX
            ? Math.max(floor(), limit * DECREASE)
            : Math.min(most, limit + Math.max(1, limit * INCREASE));
    answers = 0;
    refusals = 0;
  }

  private double floor() {
    return Math.min(most, Math.max(1, most / FLOOR_DIVISOR));
  }

  /** What an answer says about the provider's capacity. */
  public enum Verdict {
    /** It took the call, whatever came of it. */
    TAKEN,
    /** It had no room: 429 or overloaded. */
    REFUSED
  }
}
