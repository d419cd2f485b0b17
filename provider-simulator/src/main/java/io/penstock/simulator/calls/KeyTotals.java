package io.penstock.simulator.calls;

/**
 * What became of the calls with one key.
 *
 * @param calls those that ended
 * @param served those answered completely
 * @param refused429 those answered with 429
 */
public record KeyTotals(long calls, long served, long refused429) {
  /** Nothing yet. */
  public static final KeyTotals NONE = new KeyTotals(0, 0, 0);

  KeyTotals plus(CallEnd end, int change) {
    return new KeyTotals(
        calls + change,
        served + (end.reach() == CallEnd.Reach.SERVED ? change : 0),
        refused429 + (end.status() == 429 ? change : 0));
  }
}
