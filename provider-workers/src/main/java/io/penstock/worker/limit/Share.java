package io.penstock.worker.limit;

/**
 * The part of a provider's limits that this worker may spend: it owns so many of all partitions.
 *
 * @param owned partitions that this worker owns
 * @param all partitions that there are
 */
public record Share(int owned, int all) {

  /** Nothing yet. */
  public static final Share NONE = new Share(0, 1);

  public Share {
    if (owned < 0 || all < 1 || owned > all) {
      throw new IllegalArgumentException("not a share: " + owned + " of " + all);
    }
  }

  /** The share of a limit; at least 1 unless nothing is owned. */
  public long of(long limit) {
    return owned == 0 ? 0 : Math.max(1, Math.multiplyExact(limit, (long) owned) / all);
  }

  /** The share of a rate. */
  public double ofRate(double rate) {
    return rate * owned / all;
  }

  /** In thousandths. */
  public int permille() {
    return owned * 1000 / all;
  }
}
