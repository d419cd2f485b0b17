package io.penstock.router.route;

import static io.penstock.router.route.FailurePolicy.Exclusion.MODEL;
import static io.penstock.router.route.FailurePolicy.Exclusion.MODEL_AND_NO_LARGER;
import static io.penstock.router.route.FailurePolicy.Exclusion.NOTHING;
import static io.penstock.router.route.FailurePolicy.Exclusion.TARGET;
import static io.penstock.router.route.FailurePolicy.Step.GIVE_UP;
import static io.penstock.router.route.FailurePolicy.Step.NEXT_TARGET;
import static io.penstock.router.route.FailurePolicy.Step.SAME_TARGET_LATER;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.route.FailurePolicy.Case;
import io.penstock.router.route.FailurePolicy.Exclusion;
import io.penstock.router.route.FailurePolicy.Step;
import io.penstock.schemas.avro.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of the failure table, and the page that shows it. */
class FailureTableTest {

  private static final Path PAGE = Path.of("..", "docs", "failure-table.md");

  private record Row(
      String label,
      Case failure,
      Step withAnother,
      Step alone,
      Exclusion excludes,
      boolean countsWithAnother,
      boolean countsAlone) {

    @Override
    public String toString() {
      return label;
    }
  }

  private static Row row(
      String label, Case failure, Step withAnother, Step alone, Exclusion excludes) {
    return new Row(label, failure, withAnother, alone, excludes, true, true);
  }

  private static Row free(
      String label, Case failure, Step withAnother, Step alone, boolean countsAlone) {
    return new Row(label, failure, withAnother, alone, NOTHING, false, countsAlone);
  }

  private static Case limited(Duration pause, int times) {
    return new Case(FailureKind.RATE_LIMITED, null, pause, times, false, false);
  }

  private static Case coded(FailureKind kind, String code) {
    return new Case(kind, code, Duration.ZERO, 1, false, false);
  }

  static List<Row> rows() {
    return List.of(
        row("invalid request", Case.of(FailureKind.BAD_REQUEST), GIVE_UP, GIVE_UP, NOTHING),
        row(
            "invalid request: the target does not have a parameter",
            coded(FailureKind.BAD_REQUEST, FailurePolicy.UNSUPPORTED_PARAMETER),
            NEXT_TARGET,
            GIVE_UP,
            TARGET),
        row(
            "invalid request: the target does not go on from half an answer",
            new Case(FailureKind.BAD_REQUEST, null, Duration.ZERO, 1, true, false),
            NEXT_TARGET,
            SAME_TARGET_LATER,
            NOTHING),
        row(
            "our credential is refused",
            Case.of(FailureKind.AUTHENTICATION),
            NEXT_TARGET,
            GIVE_UP,
            TARGET),
        free(
            "not called: no credential in use",
            coded(FailureKind.AUTHENTICATION, FailurePolicy.CREDENTIALS_OUT),
            NEXT_TARGET,
            GIVE_UP,
            false),
        row("model or path unknown", Case.of(FailureKind.NOT_FOUND), NEXT_TARGET, GIVE_UP, TARGET),
        row(
            "our money at the provider is used up",
            Case.of(FailureKind.PROVIDER_BUDGET),
            NEXT_TARGET,
            GIVE_UP,
            TARGET),
        row(
            "context too long",
            Case.of(FailureKind.CONTEXT_TOO_LONG),
            NEXT_TARGET,
            GIVE_UP,
            MODEL_AND_NO_LARGER),
        row("content policy", Case.of(FailureKind.CONTENT_POLICY), NEXT_TARGET, GIVE_UP, MODEL),
        free(
            "rate limited, up to 5 s",
            limited(FailurePolicy.WORTH_WAITING, 1),
            SAME_TARGET_LATER,
            SAME_TARGET_LATER,
            false),
        free(
            "rate limited, more than 5 s",
            limited(FailurePolicy.WORTH_WAITING.plusMillis(1), 1),
            NEXT_TARGET,
            SAME_TARGET_LATER,
            false),
        free(
            "rate limited, while a caller waits",
            new Case(FailureKind.RATE_LIMITED, null, Duration.ZERO, 1, false, true),
            NEXT_TARGET,
            SAME_TARGET_LATER,
            false),
        free(
            "rate limited for the third time",
            limited(Duration.ZERO, FailurePolicy.RATE_LIMITS_MAX),
            NEXT_TARGET,
            SAME_TARGET_LATER,
            false),
        row("overloaded", Case.of(FailureKind.OVERLOADED), NEXT_TARGET, SAME_TARGET_LATER, NOTHING),
        free(
            "not called: circuit open",
            coded(FailureKind.OVERLOADED, FailurePolicy.CIRCUIT_OPEN),
            NEXT_TARGET,
            SAME_TARGET_LATER,
            false),
        free(
            "not called: circuit open, a caller waits",
            new Case(
                FailureKind.OVERLOADED, FailurePolicy.CIRCUIT_OPEN, Duration.ZERO, 1, false, true),
            NEXT_TARGET,
            SAME_TARGET_LATER,
            true),
        row(
            "server error",
            Case.of(FailureKind.SERVER_ERROR),
            NEXT_TARGET,
            SAME_TARGET_LATER,
            NOTHING),
        free("no connection", Case.of(FailureKind.CONNECT), NEXT_TARGET, SAME_TARGET_LATER, true),
        row("silence", Case.of(FailureKind.TIMEOUT), NEXT_TARGET, SAME_TARGET_LATER, NOTHING),
        row("broke off", Case.of(FailureKind.CUT), NEXT_TARGET, SAME_TARGET_LATER, NOTHING),
        row(
            "a fresh run did not begin as the broken one",
            coded(FailureKind.CUT, FailurePolicy.SPLICE_MISMATCH),
            NEXT_TARGET,
            GIVE_UP,
            TARGET),
        row(
            "unusable answer",
            Case.of(FailureKind.UNUSABLE),
            NEXT_TARGET,
            SAME_TARGET_LATER,
            NOTHING),
        row(
            "unusable answer for the second time",
            new Case(
                FailureKind.UNUSABLE,
                null,
                Duration.ZERO,
                FailurePolicy.UNUSABLE_MAX,
                false,
                false),
            NEXT_TARGET,
            GIVE_UP,
            NOTHING),
        row("unknown", Case.of(FailureKind.UNKNOWN), NEXT_TARGET, SAME_TARGET_LATER, NOTHING),
        row("cancelled", Case.of(FailureKind.CANCELLED), GIVE_UP, GIVE_UP, NOTHING),
        row("deadline passed", Case.of(FailureKind.DEADLINE), GIVE_UP, GIVE_UP, NOTHING));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void withAnotherTargetEachFailureLeadsToItsStep(Row row) {
    assertThat(FailurePolicy.step(row.failure(), true)).isEqualTo(row.withAnother());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void withoutAnotherTargetEachFailureLeadsToItsStep(Row row) {
    assertThat(FailurePolicy.step(row.failure(), false)).isEqualTo(row.alone());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void eachFailureRulesOutItsTargets(Row row) {
    assertThat(FailurePolicy.excludes(row.failure())).isEqualTo(row.excludes());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void eachFailureCountsOrDoesNot(Row row) {
    assertThat(FailurePolicy.counts(row.failure(), true)).isEqualTo(row.countsWithAnother());
    assertThat(FailurePolicy.counts(row.failure(), false)).isEqualTo(row.countsAlone());
  }

  @Test
  void theTableHasARowForEveryKind() {
    assertThat(rows())
        .extracting(row -> row.failure().kind())
        .containsAll(Arrays.asList(FailureKind.values()));
  }

  @Test
  void ofSeveralFailuresTheOneThatTellsWhatToChangeIsReported() {
    assertThat(FailurePolicy.informs(Case.of(FailureKind.CONTENT_POLICY)))
        .isGreaterThan(FailurePolicy.informs(Case.of(FailureKind.AUTHENTICATION)));
    assertThat(FailurePolicy.informs(Case.of(FailureKind.AUTHENTICATION)))
        .isGreaterThan(FailurePolicy.informs(Case.of(FailureKind.SERVER_ERROR)));
    assertThat(FailurePolicy.informs(Case.of(FailureKind.SERVER_ERROR)))
        .isGreaterThan(FailurePolicy.informs(Case.of(FailureKind.CONNECT)));
    assertThat(FailurePolicy.informs(coded(FailureKind.OVERLOADED, FailurePolicy.CIRCUIT_OPEN)))
        .isLessThan(FailurePolicy.informs(Case.of(FailureKind.CONNECT)));
  }

  @Test
  void thePageShowsTheTableAsItIs() throws IOException {
    var page = page();
    if ("write".equals(System.getProperty("penstock.golden"))) {
      Files.writeString(PAGE, page);
    }

    assertThat(Files.readString(PAGE)).isEqualTo(page);
  }

  private static String page() {
    return HEAD + rows().stream().map(FailureTableTest::line).collect(Collectors.joining()) + FOOT;
  }

  private static String line(Row row) {
    var failure = row.failure();
    var code = FailurePolicy.code(failure.kind());
    var countsWith = FailurePolicy.counts(failure, true);
    var countsAlone = FailurePolicy.counts(failure, false);
    return "| %s | `%s` | %s | %s | %s | %s | %d `%s`%s |\n"
        .formatted(
            row.label(),
            failure.kind(),
            words(FailurePolicy.step(failure, true)),
            words(FailurePolicy.step(failure, false)),
            countsWith == countsAlone
                ? countsWith ? "yes" : "no"
                : countsWith ? "with another target" : "without another target",
            words(FailurePolicy.excludes(failure)),
            code.httpStatus(),
            code.wire(),
            code.retryable() ? ", retryable" : "");
  }

  private static String words(Step step) {
    return switch (step) {
      case SAME_TARGET_LATER -> "the same one, later";
      case NEXT_TARGET -> "the next one";
      case GIVE_UP -> "the end";
    };
  }

  private static String words(Exclusion exclusion) {
    return switch (exclusion) {
      case NOTHING -> "";
      case TARGET -> "this target";
      case MODEL -> "every target of this model";
      case MODEL_AND_NO_LARGER -> "every target of this model, or without a larger window";
    };
  }

  private static final String HEAD =
      """
      # What follows from a failure

      Generated by `FailureTableTest` from `FailurePolicy`, the one place where it is decided; do not edit.

      | Failure | Kind | With another target | Without | An attempt? | Ruled out for this request | When it is the end |
      | --- | --- | --- | --- | --- | --- | --- |
      """;

  private static final String FOOT =
      """

      Whatever the failure:
      - The next target is called at once if it may be called, but two calls are never followed by a third within 1.5 s, and no
        target is called twice within it unless it asked for less itself. A target that kept silent or answered nonsense
        comes after the others, one whose circuit is open after all of them.
      - A worker keeps a call that a caller waits for half a second at most for rate limits, all waits together, while another target
        is free: neither ruled out nor down, nothing wrong with it in this request so far. Then the request goes there at once.
        Where no other is free, it waits for the one that is free first.
      - The same target waits as long as the provider asks, else a random time (up to 0.5 s after the first call, doubling up to 8 s).
      - `attempts_max` calls that count, the deadline, and `cost_max_usd` end a request. Failures that do not count are free
        a hundred times.
      - The caller is told of the failure that says most about what to change, and how many calls were made at which targets.
      - A failed request is never charged; the cost of each call is recorded. The one exception is a stream whose reader hangs up:
        he owes what was produced until then.
      - When the caller has seen a part of a stream, a route with `mid_stream: continue` lets the next target go on from it: by
        beginning the assistant's message with it where the target can, else by a fresh run that counts only if it begins with it.
        Where that is not allowed, or the part holds more than text, the stream ends with `provider_error`.
      """;
}
