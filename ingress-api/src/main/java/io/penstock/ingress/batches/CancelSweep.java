package io.penstock.ingress.batches;

import io.penstock.ingress.files.Files;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.InputLine;
import io.penstock.ingress.jobs.LineIds;
import io.penstock.ingress.stream.JobView;
import io.penstock.schemas.avro.CancelRequested;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

/** Cancels the lines of a stopped batch that were dispatched and have not ended. Thread-safe. */
final class CancelSweep {

  private static final int LINES_AT_ONCE = 64;
  private static final Duration PAUSE = Duration.ofMillis(10);

  private final Files files;
  private final JobView view;
  private final Outbox outbox;
  private final BatchesConfig limits;
  private final Clock clock;

  CancelSweep(Files files, JobView view, Outbox outbox, BatchesConfig limits, Clock clock) {
    this.files = files;
    this.view = view;
    this.outbox = outbox;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Walks the dispatched part of the file beside the finished lines; what is in the one and not in
   * the other is cancelled, at most {@value #LINES_AT_ONCE} in ten milliseconds.
   */
  void run(Running batch) throws IOException, InterruptedException {
    var terms = batch.terms();
    var file = files.kept(terms.organization(), terms.inputFile());
    if (file == null) {
      return;
    }
    var finished = new LinePages(view, terms.id());
    var next = finished.next();
    int sent = 0;
    try (var reader = new LineReader(files.open(file, 0), 0, 1, limits.lineBytesMax())) {
      while (reader.next() && reader.number() < batch.cursor().nextLine()) {
        var number = reader.number();
        if (next != null && next.number() == number) {
          next = finished.next();
          continue;
        }
        if (InputLine.blank(reader.bytes(), reader.length())) {
          continue;
        }
        var cancel =
            new CancelRequested(
                LineIds.request(terms.id(), number),
                terms.organization(),
                "the batch was cancelled",
                clock.instant());
        outbox.request(terms.organization(), cancel, _ -> {});
        sent++;
        if (sent % LINES_AT_ONCE == 0) {
          Thread.sleep(PAUSE);
        }
      }
    }
  }
}
