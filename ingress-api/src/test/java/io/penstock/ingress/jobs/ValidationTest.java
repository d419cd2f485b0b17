package io.penstock.ingress.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.penstock.ingress.accept.Rejected;
import io.penstock.ingress.jobs.Validation.Verdict;
import io.penstock.ingress.jobs.Validation.Verdict.Bad;
import io.penstock.ingress.jobs.Validation.Verdict.Good;
import io.penstock.schemas.ErrorCode;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ValidationTest {

  private static final String ENDPOINT = "/v1/chat/completions";
  private static final Models MODELS =
      model -> {
        if (model.equals("secret")) {
          return new Rejected(ErrorCode.PERMISSION_DENIED, "model", "no access");
        }
        return model.equals("gone")
            ? new Rejected(ErrorCode.MODEL_NOT_FOUND, "model", "no such model")
            : null;
      };

  @Test
  void aGoodFileIsCountedWithoutItsBlankLines() {
    var verdict = validate(good("a"), "", good("b"), "  \t", good("c"));

    assertThat(verdict).isEqualTo(new Good(3, "smart"));
  }

  @Test
  void linesMayNameSeveralModels() {
    var verdict = validate(good("a"), line("b", body("fast")));

    assertThat(verdict).isEqualTo(new Good(2, null));
  }

  static Stream<Arguments> badLines() {
    return Stream.of(
        bad(
            "not JSON",
            "hello",
            "invalid_json_line",
            null,
            "This line is not parseable as valid JSON."),
        bad(
            "cut JSON",
            "{\"custom_id\":\"a\"",
            "invalid_json_line",
            null,
            "This line is not parseable as valid JSON."),
        bad("array", "[1]", "invalid_json_line", null, "This line is not a JSON object."),
        bad(
            "two values",
            good("x") + good("y"),
            "invalid_json_line",
            null,
            "This line holds more than one JSON value."),
        bad(
            "nested 10,000 deep",
            "{\"custom_id\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
            "invalid_json_line",
            null,
            "This line is not parseable as valid JSON."),
        bad(
            "no custom_id",
            "{\"method\":\"POST\",\"url\":\"" + ENDPOINT + "\",\"body\":{}}",
            "missing_required_parameter",
            "custom_id",
            "Missing required parameter: 'custom_id'."),
        bad(
            "no method",
            "{\"custom_id\":\"a\",\"url\":\"" + ENDPOINT + "\",\"body\":{}}",
            "missing_required_parameter",
            "method",
            "Missing required parameter: 'method'."),
        bad(
            "no url",
            "{\"custom_id\":\"a\",\"method\":\"POST\",\"body\":{}}",
            "missing_required_parameter",
            "url",
            "Missing required parameter: 'url'."),
        bad(
            "no body",
            "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"" + ENDPOINT + "\"}",
            "missing_required_parameter",
            "body",
            "Missing required parameter: 'body'."),
        bad(
            "custom_id is a number",
            good("a").replace("\"a\"", "7"),
            "invalid_type",
            "custom_id",
            "'custom_id' must be a string."),
        bad(
            "body is a text",
            line("a", "\"hi\""),
            "invalid_type",
            "body",
            "'body' must be an object."),
        bad(
            "custom_id is empty",
            good(""),
            "invalid_request",
            "custom_id",
            "'custom_id' must have 1 to 512 characters."),
        bad(
            "GET",
            good("a").replace("POST", "GET"),
            "invalid_method",
            "method",
            "'method' must be 'POST'."),
        bad(
            "other endpoint",
            good("a").replace(ENDPOINT, "/v1/embeddings"),
            "url_mismatch",
            "url",
            "'url' is not the endpoint of the batch, which is /v1/chat/completions."),
        bad(
            "no endpoint",
            good("a").replace(ENDPOINT, "/v1/nonsense"),
            "invalid_url",
            "url",
            "'url' must be one of /v1/chat/completions, /v1/embeddings."),
        bad(
            "unknown model",
            line("a", body("gone")),
            "model_not_found",
            "body.model",
            "no such model"),
        bad(
            "forbidden model",
            line("a", body("secret")),
            "permission_denied",
            "body.model",
            "no access"),
        bad(
            "stream",
            line(
                "a",
                "{\"model\":\"smart\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"),
            "unsupported_parameter",
            "body.stream",
            "A batch cannot stream."));
  }

  @ParameterizedTest
  @MethodSource("badLines")
  void aBadLineIsNamedByItsNumber(String line, LineProblem problem) {
    var verdict = validate(good("first"), "", line, good("last"));

    assertThat(verdict).isEqualTo(new Bad(List.of(problem)));
  }

  @Test
  void aBodyIsReadByTheRulesOfItsEndpoint() {
    assertThat(validate(line("a", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")))
        .isInstanceOfSatisfying(
            Bad.class,
            bad -> {
              var problem = bad.problems().getFirst();
              assertThat(problem.code()).isEqualTo("missing_required_parameter");
              assertThat(problem.param()).isEqualTo("body.model");
              assertThat(problem.line()).isEqualTo(1);
            });
  }

  @Test
  void theSecondLineOfACustomIdIsRefused() {
    assertThat(validate(good("a"), good("b"), good("a")))
        .isEqualTo(
            new Bad(
                List.of(
                    new LineProblem(
                        "duplicate_custom_id",
                        "The custom_id of this line is used by an earlier line.",
                        "custom_id",
                        3L))));
  }

  @Test
  void aFileWithoutRequestsIsEmpty() {
    var problem = new LineProblem("empty_file", "The input file holds no requests.", null, null);

    assertThat(validate()).isEqualTo(new Bad(List.of(problem)));
    assertThat(validate("", " ", "\t")).isEqualTo(new Bad(List.of(problem)));
  }

  @Test
  void aByteOrderMarkIsNamed() {
    var verdict = validate("\uFEFF" + good("a"));

    assertThat(verdict)
        .isEqualTo(
            new Bad(
                List.of(
                    new LineProblem(
                        "invalid_json_line",
                        "The file begins with a UTF-8 byte order mark (BOM). Save it as UTF-8 without BOM.",
                        null,
                        1L))));
  }

  @Test
  void aLineInAnotherEncodingIsNamed() {
    var verdict = validate(StandardCharsets.ISO_8859_1, good("caf\u00e9"));

    assertThat(verdict)
        .isEqualTo(
            new Bad(
                List.of(
                    new LineProblem(
                        "invalid_json_line", "This line is not valid UTF-8.", null, 1L))));
  }

  @Test
  void readingEndsAfterAHundredProblems() {
    var validation = validation(1_000_000);
    int lines = 0;
    while (!validation.full()) {
      lines++;
      take(validation, StandardCharsets.UTF_8, "nonsense", lines);
    }

    assertThat(lines).isEqualTo(100);
    assertThat(validation.verdict())
        .isInstanceOfSatisfying(Bad.class, bad -> assertThat(bad.problems()).hasSize(100));
  }

  @Test
  void tooManyRequestsAreOneProblem() {
    var validation = validation(2);
    for (int i = 1; i <= 3; i++) {
      take(validation, StandardCharsets.UTF_8, good("id-" + i), i);
    }

    assertThat(validation.full()).isTrue();
    assertThat(validation.verdict())
        .isEqualTo(
            new Bad(
                List.of(
                    new LineProblem(
                        "too_many_tasks", "The file holds more than 2 requests.", null, 3L))));
  }

  @Test
  void aLineBeyondTheLimitIsNamed() {
    var validation = validation(10);
    validation.tooLong(4);

    assertThat(validation.verdict())
        .isEqualTo(
            new Bad(
                List.of(
                    new LineProblem(
                        "invalid_request", "This line is longer than 1 MiB.", null, 4L))));
  }

  @Test
  void tensOfThousandsOfCustomIdsAreToldApart() {
    var ids = new CustomIds();

    for (int i = 0; i < 50_000; i++) {
      assertThat(ids.add("request-" + i)).isTrue();
    }
    for (int i = 0; i < 50_000; i++) {
      assertThat(ids.add("request-" + i)).isFalse();
    }
  }

  private static Arguments bad(
      String name, String line, String code, @Nullable String param, String message) {
    return argumentSet(name, line, new LineProblem(code, message, param, 3L));
  }

  private static String body(String model) {
    return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  }

  private static String line(String customId, String body) {
    return "{\"custom_id\":\""
        + customId
        + "\",\"method\":\"POST\",\"url\":\""
        + ENDPOINT
        + "\",\"body\":"
        + body
        + "}";
  }

  private static String good(String customId) {
    return line(customId, body("smart"));
  }

  private static Validation validation(long linesMax) {
    return new Validation(ENDPOINT, MODELS, linesMax, 1 << 20);
  }

  private static Verdict validate(String... lines) {
    return validate(StandardCharsets.UTF_8, lines);
  }

  private static Verdict validate(Charset charset, String... lines) {
    var validation = validation(1_000);
    for (int i = 0; i < lines.length; i++) {
      take(validation, charset, lines[i], i + 1);
    }
    return validation.verdict();
  }

  private static void take(Validation validation, Charset charset, String line, long number) {
    var bytes = line.getBytes(charset);
    validation.line(bytes, bytes.length, number);
  }
}
