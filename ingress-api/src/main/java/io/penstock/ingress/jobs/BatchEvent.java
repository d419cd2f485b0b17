package io.penstock.ingress.jobs;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happens to a batch. */
public sealed interface BatchEvent {

  /** Somebody created it. */
  record Created(BatchTerms terms) implements BatchEvent {}

  /** Its input file is good. */
  record Validated(long requests, @Nullable String model, Instant at) implements BatchEvent {}

  /** Its input file is bad. */
  record Rejected(List<LineProblem> problems, Instant at) implements BatchEvent {
    public Rejected {
      problems = List.copyOf(problems);
    }
  }

  /** The pump has come so far. */
  record Advanced(Cursor cursor, Instant at) implements BatchEvent {}

  /**
   * A line ended.
   *
   * @param sighting whether the view holds a result of this line already
   * @param delta what it adds
   */
  record LineFinished(Sighting sighting, Tally delta, Instant at) implements BatchEvent {}

  /** Whether something is seen for the first time. */
  enum Sighting {
    FIRST,
    AGAIN
  }

  /** Somebody asked to cancel. */
  record CancelRequested(Instant at) implements BatchEvent {}

  /** The completion window has passed. */
  record Expired(Instant at) implements BatchEvent {}

  /**
   * Time goes by.
   *
   * @param grace how long a stopped batch waits for the lines that were dispatched
   */
  record Tick(Instant at, Duration grace) implements BatchEvent {}

  /** Its files are written. */
  record FilesWritten(OutputFiles files, Instant at) implements BatchEvent {}
}
