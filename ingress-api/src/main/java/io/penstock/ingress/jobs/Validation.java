package io.penstock.ingress.jobs;

import io.penstock.ingress.accept.BodyReader;
import io.penstock.ingress.accept.ParsedBody;
import io.penstock.ingress.accept.Rejected;
import io.penstock.schemas.avro.Surface;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules of an input file, line by line. Memory: 16 to 48 bytes a line for the {@code
 * custom_id}s seen, and one line. Not thread-safe.
 */
public final class Validation {

  /** Problems after which reading ends. */
  public static final int PROBLEMS_MAX = 100;

  private final String endpoint;
  private final Surface surface;
  private final Models models;
  private final long linesMax;
  private final int lineBytesMax;
  private final CustomIds customIds = new CustomIds();
  private final List<LineProblem> problems = new ArrayList<>();
  private long requests;
  private @Nullable String model;
  private boolean severalModels;
  private boolean tooMany;

  /**
   * @param endpoint of the batch; one of {@link Endpoints#all}
   * @param linesMax requests at most
   * @param lineBytesMax bytes of a line at most
   */
  public Validation(String endpoint, Models models, long linesMax, int lineBytesMax) {
    var known = Endpoints.surface(endpoint);
    if (known == null) {
      throw new IllegalArgumentException("not an endpoint of batches: " + endpoint);
    }
    this.endpoint = endpoint;
    this.surface = known;
    this.models = models;
    this.linesMax = linesMax;
    this.lineBytesMax = lineBytesMax;
  }

  /** Whether more lines would change nothing. */
  public boolean full() {
    return tooMany || problems.size() >= PROBLEMS_MAX;
  }

  /** A line that is longer than the limit. */
  public void tooLong(long line) {
    problem(
        new LineProblem(
            "invalid_request",
            "This line is longer than " + (lineBytesMax >> 20) + " MiB.",
            null,
            line));
  }

  /**
   * The next line.
   *
   * @param bytes holds it from index 0 on
   * @param length bytes of it, without its end
   * @param line its number, from 1, blank lines counted
   */
  public void line(byte[] bytes, int length, long line) {
    if (InputLine.blank(bytes, length)) {
      return;
    }
    requests++;
    if (requests > linesMax) {
      tooMany = true;
      problem(
          new LineProblem(
              "too_many_tasks", "The file holds more than " + linesMax + " requests.", null, line));
      return;
    }
    switch (InputLine.parse(bytes, length, line)) {
      case LineProblem problem -> problem(problem);
      case InputLine input -> check(input, bytes, line);
    }
  }

  private void check(InputLine input, byte[] bytes, long line) {
    if (!customIds.add(input.customId())) {
      problem(
          new LineProblem(
              "duplicate_custom_id",
              "The custom_id of this line is used by an earlier line.",
              "custom_id",
              line));
      return;
    }
    if (!input.method().equals("POST")) {
      problem(new LineProblem("invalid_method", "'method' must be 'POST'.", "method", line));
      return;
    }
    if (!input.url().equals(endpoint)) {
      problem(wrongUrl(input, line));
      return;
    }
    switch (BodyReader.parse(surface, bytes, input.bodyOffset(), input.bodyLength())) {
      case Rejected rejected -> problem(problem(rejected, line));
      case ParsedBody body -> check(body, line);
    }
  }

  private LineProblem wrongUrl(InputLine input, long line) {
    if (Endpoints.surface(input.url()) == null) {
      return new LineProblem(
          "invalid_url",
          "'url' must be one of " + String.join(", ", Endpoints.all()) + ".",
          "url",
          line);
    }
    return new LineProblem(
        "url_mismatch",
        "'url' is not the endpoint of the batch, which is " + endpoint + ".",
        "url",
        line);
  }

  private void check(ParsedBody body, long line) {
    if (body.stream()) {
      problem(
          new LineProblem("unsupported_parameter", "A batch cannot stream.", "body.stream", line));
      return;
    }
    for (var asked : body.models()) {
      var refusal = models.refusal(asked);
      if (refusal != null) {
        problem(problem(refusal, line));
        return;
      }
    }
    note(body.model());
  }

  private static LineProblem problem(Rejected rejected, long line) {
    var param = rejected.param() == null ? "body" : "body." + rejected.param();
    return new LineProblem(rejected.code().wire(), rejected.message(), param, line);
  }

  private void note(String used) {
    if (model == null) {
      model = used;
    } else if (!model.equals(used)) {
      severalModels = true;
    }
  }

  private void problem(LineProblem problem) {
    if (problems.size() < PROBLEMS_MAX) {
      problems.add(problem);
    }
  }

  /** What came of it, at the end of the file or when {@link #full}. */
  public Verdict verdict() {
    if (problems.isEmpty() && requests == 0) {
      return new Verdict.Bad(
          List.of(new LineProblem("empty_file", "The input file holds no requests.", null, null)));
    }
    return problems.isEmpty()
        ? new Verdict.Good(requests, severalModels ? null : model)
        : new Verdict.Bad(problems);
  }

  /** What came of reading a file. */
  public sealed interface Verdict {

    /**
     * It can be worked on.
     *
     * @param model the model, when all lines name the same; else null
     */
    record Good(long requests, @Nullable String model) implements Verdict {}

    /** It is refused as a whole. */
    record Bad(List<LineProblem> problems) implements Verdict {
      public Bad {
        problems = List.copyOf(problems);
      }
    }
  }
}
