package io.penstock.ingress.batches;

import io.penstock.ingress.files.FileObject;
import io.penstock.ingress.files.Files;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.InputLine;
import io.penstock.ingress.jobs.LineIds;
import io.penstock.ingress.jobs.OutputLine;
import io.penstock.ingress.jobs.Stop;
import io.penstock.ingress.stream.JobView;
import io.penstock.ingress.stream.JobView.Line;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.BatchFilesWritten;
import io.penstock.schemas.avro.Outcome;
import java.io.IOException;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the output and error files of a batch, every line of the input into exactly one of them,
 * in the order of the input. Doing it twice leaves the same two files. Memory: a page of lines.
 * Thread-safe.
 */
final class Finaliser {

  private static final Logger LOG = LoggerFactory.getLogger(Finaliser.class);

  private final Files files;
  private final JobView view;
  private final FinishedLines lines;
  private final BlobStore blobs;
  private final BatchesConfig limits;
  private final Clock clock;

  Finaliser(
      Files files,
      JobView view,
      FinishedLines lines,
      BlobStore blobs,
      BatchesConfig limits,
      Clock clock) {
    this.files = files;
    this.view = view;
    this.lines = lines;
    this.blobs = blobs;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Writes both files.
   *
   * @throws IllegalStateException when lines are missing because the view moved meanwhile; to be
   *     tried again
   */
  BatchFilesWritten write(Writing batch) throws IOException {
    var terms = batch.terms();
    try (var output =
            new LineWriter(
                files, terms, LineIds.outputFile(terms.id()), terms.id() + "_output.jsonl");
        var errors =
            new LineWriter(
                files, terms, LineIds.errorFile(terms.id()), terms.id() + "_error.jsonl")) {
      var stop = batch.stop();
      var input = files.kept(terms.organization(), terms.inputFile());
      var allFinished = batch.tally().finished() >= batch.work().requests();
      if (allFinished || stop == null || input == null) {
        writeFinished(terms, output, errors);
      } else {
        writeAll(terms, input, stop.reason(), output, errors);
      }
      // without its input file, nobody can name the lines of a stopped batch that have no result
      var complete = allFinished || input != null;
      if (complete && output.lines() + errors.lines() != batch.work().requests()) {
        throw new IllegalStateException(
            "batch "
                + terms.id()
                + " has "
                + batch.work().requests()
                + " requests, but "
                + (output.lines() + errors.lines())
                + " lines were found");
      }
      var outputFile = output.commit();
      var errorFile = errors.commit();
      forgetBodies(terms);
      return new BatchFilesWritten(
          terms.id(), outputFile, errorFile, output.lines(), errors.lines(), clock.instant());
    }
  }

  private void writeFinished(BatchTerms terms, LineWriter output, LineWriter errors)
      throws IOException {
    var finished = new LinePages(view, terms.id());
    for (var line = finished.next(); line != null; line = finished.next()) {
      write(terms, line, output, errors);
    }
  }

  /** Lines without a result have their {@code custom_id} only in the input file. */
  private void writeAll(
      BatchTerms terms, FileObject input, Stop.Reason reason, LineWriter output, LineWriter errors)
      throws IOException {
    var finished = new LinePages(view, terms.id());
    var next = finished.next();
    try (var reader = new LineReader(files.open(input, 0), 0, 1, limits.lineBytesMax())) {
      while (reader.next()) {
        if (InputLine.blank(reader.bytes(), reader.length())) {
          continue;
        }
        if (next != null && next.number() == reader.number()) {
          write(terms, next, output, errors);
          next = finished.next();
        } else {
          var customId = LineRequests.input(reader).customId();
          errors.write(OutputLine.withoutAnswer(terms.id(), reader.number(), customId, reason));
        }
      }
    }
  }

  private void write(BatchTerms terms, Line line, LineWriter output, LineWriter errors)
      throws IOException {
    var rendered = lines.render(terms.id(), line);
    (rendered.outcome() == Outcome.SUCCEEDED ? output : errors).write(rendered.bytes());
  }

  /** Every request has ended, so nobody reads the large bodies any more. */
  private void forgetBodies(BatchTerms terms) {
    try {
      for (var key : blobs.list(LineIds.bodies(terms.id()))) {
        blobs.delete(key);
      }
    } catch (IOException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue(LogKeys.BATCH, terms.id())
          .log("large bodies of a batch could not be deleted");
    }
  }
}
