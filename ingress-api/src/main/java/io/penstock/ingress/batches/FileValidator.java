package io.penstock.ingress.batches;

import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.accept.ModelAccess;
import io.penstock.ingress.files.Files;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.LineProblem;
import io.penstock.ingress.jobs.Validation;
import io.penstock.ingress.jobs.Validation.Verdict;
import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.avro.BatchError;
import io.penstock.schemas.avro.BatchRejected;
import io.penstock.schemas.avro.BatchValidated;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Reads an input file once, as a stream, and says what comes of it. Thread-safe. */
final class FileValidator {

  private static final int LINES_BETWEEN_LOOKS = 1_000;

  private final Files files;
  private final Supplier<Catalog> catalog;
  private final BatchesConfig limits;
  private final Clock clock;

  FileValidator(Files files, Supplier<Catalog> catalog, BatchesConfig limits, Clock clock) {
    this.files = files;
    this.catalog = catalog;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Validates.
   *
   * @param wanted asked now and then; reading ends when it says no
   * @return the event for topic {@code batches}; null when no longer wanted
   */
  @Nullable SpecificRecord validate(BatchTerms terms, BooleanSupplier wanted) throws IOException {
    var file = files.kept(terms.organization(), terms.inputFile());
    if (file == null) {
      var gone =
          new LineProblem(
              "invalid_request", "The input file no longer exists.", "input_file_id", null);
      return rejected(terms, List.of(gone));
    }
    var snapshot = catalog.get();
    var key = snapshot.key(terms.apiKey());
    var validation =
        new Validation(
            terms.endpoint(),
            // a key that is gone is for the router to refuse
            model -> key == null ? null : ModelAccess.refusal(snapshot, new Caller(key), model),
            limits.linesMax(),
            limits.lineBytesMax());
    try (var reader = new LineReader(files.open(file, 0), 0, 1, limits.lineBytesMax())) {
      while (!validation.full() && reader.next()) {
        if (reader.tooLong()) {
          validation.tooLong(reader.number());
        } else {
          validation.line(reader.bytes(), reader.length(), reader.number());
        }
        if (reader.number() % LINES_BETWEEN_LOOKS == 0 && !wanted.getAsBoolean()) {
          return null;
        }
      }
    }
    return switch (validation.verdict()) {
      case Verdict.Good(var requests, var model) ->
          new BatchValidated(terms.id(), requests, model, clock.instant());
      case Verdict.Bad(var problems) -> rejected(terms, problems);
    };
  }

  private BatchRejected rejected(BatchTerms terms, List<LineProblem> problems) {
    var errors =
        problems.stream()
            .map(
                problem ->
                    new BatchError(
                        problem.code(), problem.message(), problem.param(), problem.line()))
            .toList();
    return new BatchRejected(terms.id(), errors, clock.instant());
  }
}
