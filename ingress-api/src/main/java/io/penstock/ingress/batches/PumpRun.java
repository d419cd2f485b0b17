package io.penstock.ingress.batches;

import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.InputLine;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The pump's hold on one batch: an open file, and how many of its lines are on their way. Memory is
 * bound by the window. One thread; only acknowledgements come from others.
 */
final class PumpRun implements AutoCloseable {

  private final BatchTerms terms;
  private final LineReader reader;
  private final LineRequests requests;
  private final Outbox outbox;

  /**
   * Body sizes of the lines in flight, oldest first, taking it that lines end in the order they
   * were sent.
   */
  private final ArrayDeque<Integer> bodySizes = new ArrayDeque<>();

  private final ArrayDeque<Cursor> unreported = new ArrayDeque<>();
  private final AtomicLong acknowledged;
  private volatile boolean broken;

  /** What was read and sent. */
  private Cursor cursor;

  /** What of it is on all replicas. */
  private Cursor certain;

  /** What of that was handed out as a report. */
  private Cursor reported;

  private Instant reportedAt;
  private long finished;
  private long bytesInFlight;
  private boolean exhausted;

  /**
   * Begins, or goes on after a restart.
   *
   * @param cursor where the file stands open
   */
  PumpRun(
      BatchTerms terms,
      Cursor cursor,
      LineReader reader,
      LineRequests requests,
      Outbox outbox,
      Instant now) {
    this.terms = terms;
    this.cursor = cursor;
    this.certain = cursor;
    this.reported = cursor;
    this.reportedAt = now;
    this.reader = reader;
    this.requests = requests;
    this.outbox = outbox;
    this.acknowledged = new AtomicLong(cursor.dispatched());
  }

  BatchTerms terms() {
    return terms;
  }

  /** What was read and sent so far, whether acknowledged or not. */
  Cursor cursor() {
    return cursor;
  }

  /**
   * Whether a line could not be sent: what was sent since the last report is uncertain, and this
   * run over.
   */
  boolean broken() {
    return broken;
  }

  /** Whether every line sent is on all replicas. */
  boolean settled() {
    return acknowledged.get() >= cursor.dispatched();
  }

  /** Takes notice of how many lines of the batch have ended. */
  void observe(long finishedNow) {
    finished = finishedNow;
    var inFlight = inFlight();
    while (bodySizes.size() > inFlight) {
      bytesInFlight -= bodySizes.remove();
    }
  }

  /** Lines sent and not ended. */
  long inFlight() {
    // after a restart, lines behind the cursor may have ended already
    return Math.max(0, cursor.dispatched() - finished);
  }

  /** Lines that the batch may send now. */
  long room(BatchesConfig limits) {
    if (exhausted || broken || bytesInFlight >= limits.windowBytes()) {
      return 0;
    }
    return limits.windowLines() - inFlight();
  }

  /** Sends lines, fewer at the end of the file or when their bodies fill the window. */
  void send(int lines, BatchesConfig limits, Instant now) throws IOException {
    int sent = 0;
    while (sent < lines && !broken && bytesInFlight < limits.windowBytes()) {
      if (!reader.next()) {
        exhausted = true;
        break;
      }
      var blank = InputLine.blank(reader.bytes(), reader.length());
      if (!blank) {
        var request = requests.request(terms, reader, now);
        var bytes = (int) request.getBody().getSize();
        bodySizes.add(bytes);
        bytesInFlight += bytes;
        outbox.request(terms.organization(), request, this::acknowledge);
        sent++;
      }
      cursor =
          new Cursor(
              cursor.dispatched() + (blank ? 0 : 1),
              reader.nextOffset(),
              reader.number() + 1,
              false);
    }
    if (sent > 0) {
      unreported.add(cursor);
    }
  }

  private void acknowledge(@Nullable Exception failure) {
    // records of one organisation are acknowledged in the order they were sent, so a count is a
    // position
    if (failure != null) {
      broken = true;
    } else if (!broken) {
      acknowledged.incrementAndGet();
    }
  }

  /**
   * How far the run certainly is, when it is time to say so; else null.
   *
   * @param linesLeast report at once when so many lines are unreported
   * @param age report anything older than this
   */
  @Nullable Cursor report(long linesLeast, Duration age, Instant now) {
    while (!unreported.isEmpty() && unreported.element().dispatched() <= acknowledged.get()) {
      certain = unreported.remove();
    }
    if (broken || certain.nextOffset() <= reported.nextOffset()) {
      return null;
    }
    var lines = certain.dispatched() - reported.dispatched();
    if (lines < linesLeast && now.isBefore(reportedAt.plus(age))) {
      return null;
    }
    reported = certain;
    reportedAt = now;
    return reported;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
