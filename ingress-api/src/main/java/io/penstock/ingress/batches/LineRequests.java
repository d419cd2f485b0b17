package io.penstock.ingress.batches;

import io.penstock.ingress.accept.BodyReader;
import io.penstock.ingress.accept.ParsedBody;
import io.penstock.ingress.accept.Rejected;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Endpoints;
import io.penstock.ingress.jobs.InputLine;
import io.penstock.ingress.jobs.LineIds;
import io.penstock.ingress.jobs.LineProblem;
import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;

/**
 * Makes the request of a line. The same line always makes a request of the same id. Thread-safe.
 */
final class LineRequests {

  private final Payloads payloads;

  LineRequests(Payloads payloads) {
    this.payloads = payloads;
  }

  /**
   * The request of a validated line.
   *
   * @param reader stands at the line
   * @throws IOException when the line is not what it was at validation, or the blob store fails
   */
  InferenceRequested request(BatchTerms terms, LineReader reader, Instant at) throws IOException {
    var line = reader.number();
    var input = input(reader);
    var surface = surface(terms);
    var body =
        Arrays.copyOfRange(
            reader.bytes(), input.bodyOffset(), input.bodyOffset() + input.bodyLength());
    var parsed =
        switch (BodyReader.parse(surface, body)) {
          case ParsedBody good -> good;
          case Rejected _ -> throw changed(line);
        };
    return new InferenceRequested(
        LineIds.request(terms.id(), line),
        terms.organization(),
        terms.apiKey(),
        terms.project(),
        terms.team(),
        parsed.endUser(),
        parsed.tags(),
        parsed.model(),
        surface,
        Lane.BATCH,
        AnswerTo.RESULT,
        null,
        terms.id(),
        new JobLine(terms.id(), line, input.customId()),
        parsed.serviceTier(),
        null,
        null,
        parsed.facts(),
        parsed.preferences(),
        payloads.pack(LineIds.bodies(terms.id()) + line, parsed.forwarded(body)),
        at,
        terms.expiresAt());
  }

  /** The line at which a reader stands. */
  static InputLine input(LineReader reader) throws IOException {
    return switch (InputLine.parse(reader.bytes(), reader.length(), reader.number())) {
      case InputLine line -> line;
      case LineProblem _ -> throw changed(reader.number());
    };
  }

  private static Surface surface(BatchTerms terms) {
    return Objects.requireNonNull(
        Endpoints.surface(terms.endpoint()), "a batch is created for a known endpoint only");
  }

  private static IOException changed(long line) {
    return new IOException("line " + line + " is not what it was when the file was validated");
  }
}
