package io.penstock.ingress.http;

/** What bodies may take of the memory of a process unless configured. */
public final class MemoryShare {

  /** A body in memory is accompanied by its parsed form and its record. */
  private static final int PART = 8;

  private MemoryShare() {}

  /** An eighth of the memory of this process, at most so many bytes. */
  public static long of(long bytesMax) {
    return within(bytesMax, Runtime.getRuntime().maxMemory());
  }

  static long within(long bytesMax, long memory) {
    return Math.min(bytesMax, memory / PART);
  }
}
