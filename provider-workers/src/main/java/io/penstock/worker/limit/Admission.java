package io.penstock.worker.limit;

/** Whether a call may be made now. */
public sealed interface Admission {

  /**
   * Yes, and it is counted.
   *
   * @param permit to be given back with the answer
   */
  record Granted(Permit permit) implements Admission {}

  /**
   * Not before this time has passed.
   *
   * @param nanos from now on
   * @param extent who else has to wait
   */
  record Later(long nanos, Extent extent) implements Admission {}

  /** Not before another call ends, or partitions arrive. */
  record Busy() implements Admission {}

  /** Whose limit it is that has no room. */
  enum Extent {
    /** The model's: calls of other models may go first. */
    MODEL,
    /** What all models share: who goes first takes from it, and a large call would never begin. */
    ALL
  }
}
