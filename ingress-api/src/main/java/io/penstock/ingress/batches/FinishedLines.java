package io.penstock.ingress.batches;

import io.penstock.ingress.jobs.OutputLine;
import io.penstock.ingress.stream.JobView.Line;
import io.penstock.platform.blob.Payloads;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Outcome;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renders finished lines as they are written into files. Thread-safe. */
final class FinishedLines {

  private static final Logger LOG = LoggerFactory.getLogger(FinishedLines.class);

  private final Payloads payloads;

  FinishedLines(Payloads payloads) {
    this.payloads = payloads;
  }

  /**
   * A line of a file.
   *
   * @param outcome tells which of the two files
   */
  record Rendered(Outcome outcome, byte[] bytes) {}

  Rendered render(String batch, Line line) {
    var result = line.result();
    try {
      var body = result.getBody() == null ? null : payloads.unpack(result.getBody());
      var bytes =
          OutputLine.of(
              batch,
              line.number(),
              result.getCustomId(),
              result.getRequestId(),
              result.getOutcome(),
              result.getHttpStatus(),
              result.getErrorCode(),
              body);
      return new Rendered(result.getOutcome(), bytes);
    } catch (IOException e) {
      // the answer is lost for good; the batch has to end all the same, and the line has to say so
      LOG.atError()
          .setCause(e)
          .addKeyValue(LogKeys.REQUEST, result.getRequestId())
          .log("the stored answer of a line cannot be read");
      var bytes =
          OutputLine.of(
              batch,
              line.number(),
              result.getCustomId(),
              result.getRequestId(),
              Outcome.FAILED,
              ErrorCode.INTERNAL_ERROR.httpStatus(),
              ErrorCode.INTERNAL_ERROR.wire(),
              null);
      return new Rendered(Outcome.FAILED, bytes);
    }
  }
}
