package io.penstock.worker.http;

import java.util.function.BooleanSupplier;

/** Memory for one answer, asked for while it comes. One thread. */
@FunctionalInterface
public interface AnswerRoom {

  /** As much as any answer wants. */
  AnswerRoom UNLIMITED = (_, _) -> true;

  /**
   * Waits for room for so many bytes more; they stay taken until the call has ended.
   *
   * @param over asked while it waits: whether the call has ended meanwhile
   * @return false when it has, and nothing was taken
   */
  boolean take(long bytes, BooleanSupplier over);
}
