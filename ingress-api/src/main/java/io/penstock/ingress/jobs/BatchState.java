package io.penstock.ingress.jobs;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a batch stands.
 *
 * <pre>
 *  Unknown ─▶ Validating ─▶ Running ─▶ Writing ─▶ Ended(completed | cancelled | expired)
 *                 └────────────────────────────▶ Ended(failed | cancelled | expired)
 * </pre>
 */
public sealed interface BatchState {

  /** Nobody has created it. */
  record Unknown() implements BatchState {}

  /** It exists. */
  sealed interface Batch extends BatchState {
    BatchTerms terms();
  }

  /** Its input file is being read. */
  record Validating(BatchTerms terms) implements Batch {}

  /**
   * Its lines are being dispatched and answered.
   *
   * @param stop null while dispatching goes on
   */
  record Running(BatchTerms terms, Work work, Cursor cursor, Tally tally, @Nullable Stop stop)
      implements Batch {}

  /**
   * No result counts any more; its files are being written.
   *
   * @param at since when
   */
  record Writing(
      BatchTerms terms, Work work, Cursor cursor, Tally tally, @Nullable Stop stop, Instant at)
      implements Batch {}

  /**
   * It has ended; nothing changes any more.
   *
   * @param work null when it ended before its file was read
   * @param stop null when it was not stopped
   * @param writingAt null when there was nothing to write
   */
  record Ended(
      BatchTerms terms,
      Ending ending,
      Instant at,
      @Nullable Work work,
      Cursor cursor,
      Tally tally,
      @Nullable Stop stop,
      @Nullable Instant writingAt,
      OutputFiles files,
      List<LineProblem> problems)
      implements Batch {

    public Ended {
      problems = List.copyOf(problems);
    }
  }
}
