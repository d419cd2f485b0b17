package io.penstock.ingress.stream;

import io.penstock.ingress.jobs.BatchEvent;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.OutputFiles;
import io.penstock.ingress.jobs.Tally;
import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.BatchAdvanced;
import io.penstock.schemas.avro.BatchCancelRequested;
import io.penstock.schemas.avro.BatchCreated;
import io.penstock.schemas.avro.BatchExpired;
import io.penstock.schemas.avro.BatchFilesWritten;
import io.penstock.schemas.avro.BatchLine;
import io.penstock.schemas.avro.BatchRejected;
import io.penstock.schemas.avro.BatchValidated;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.RequestFinished;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** What the records of the log mean to a batch. */
public final class Events {

  private Events() {}

  /**
   * What a record of topic {@code batches} means; null for a type that this version does not know.
   */
  public static @Nullable BatchEvent of(SpecificRecord record) {
    return switch (record) {
      case BatchCreated created -> new BatchEvent.Created(terms(created));
      case BatchValidated validated ->
          new BatchEvent.Validated(
              validated.getRequests(), validated.getModel(), validated.getAt());
      case BatchRejected rejected ->
          new BatchEvent.Rejected(BatchViews.problems(rejected.getErrors()), rejected.getAt());
      case BatchAdvanced advanced ->
          new BatchEvent.Advanced(
              new Cursor(
                  advanced.getDispatched(),
                  advanced.getNextOffset(),
                  advanced.getNextLine(),
                  advanced.getStopped()),
              advanced.getAt());
      case BatchCancelRequested cancel -> new BatchEvent.CancelRequested(cancel.getAt());
      case BatchExpired expired -> new BatchEvent.Expired(expired.getAt());
      case BatchFilesWritten written ->
          new BatchEvent.FilesWritten(
              new OutputFiles(
                  written.getOutputFile(),
                  written.getErrorFile(),
                  written.getOutputLines(),
                  written.getErrorLines()),
              written.getAt());
      default -> null;
    };
  }

  private static BatchTerms terms(BatchCreated created) {
    return new BatchTerms(
        created.getBatch(),
        created.getOrganization(),
        created.getApiKey(),
        created.getProject(),
        created.getTeam(),
        created.getInputFile(),
        created.getEndpoint(),
        created.getCompletionWindow(),
        created.getMetadata(),
        created.getOutputExpiresAfterSeconds(),
        created.getCreatedAt(),
        created.getExpiresAt());
  }

  /** What a finished line adds to its batch. */
  static Tally tally(RequestFinished finished) {
    var succeeded = finished.getOutcome() == Outcome.SUCCEEDED;
    var usage = finished.getUsage();
    return new Tally(
        succeeded ? 1 : 0,
        succeeded ? 0 : 1,
        Math.max(0, finished.getAttempts() - 1),
        usage == null ? 0 : TokenClass.input(usage),
        usage == null ? 0 : known(usage.getInputCacheRead()),
        usage == null ? 0 : TokenClass.output(usage),
        usage == null ? 0 : known(usage.getOutputReasoning()),
        finished.getChargeNanoUsd());
  }

  /** What is kept of a finished line. */
  static BatchLine line(RequestFinished finished, JobLine line) {
    return new BatchLine(
        line.getCustomId(),
        finished.getRequestId(),
        finished.getOutcome(),
        finished.getHttpStatus(),
        finished.getErrorCode(),
        finished.getBody());
  }

  private static long known(@Nullable Long tokens) {
    return tokens == null ? 0 : tokens;
  }
}
