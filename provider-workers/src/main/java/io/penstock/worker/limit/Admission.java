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
   */
  record Later(long nanos) implements Admission {}

  /** Not before another call ends, or partitions arrive. */
  record Busy() implements Admission {}
}
