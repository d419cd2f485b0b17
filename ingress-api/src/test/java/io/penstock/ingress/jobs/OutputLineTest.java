package io.penstock.ingress.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Outcome;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutputLineTest {

  private static final String BATCH = "batch_01hx";

  @Test
  void anAnswerIsInTheResponse() {
    assertThat(line(Outcome.SUCCEEDED, 200, null, "{\"id\":\"x\",\"n\":1.50}"))
        .isEqualTo(
            """
            {"id":"batch_req_01hx-00000007","custom_id":"request-7","response":{"status_code":200,"request_id":"batch_01hx-00000007","body":{"id":"x","n":1.50}},"error":null}
            """);
  }

  @Test
  void anHttpErrorIsInTheResponseTooAndNotInTheError() {
    assertThat(
            line(
                Outcome.FAILED,
                400,
                "invalid_request",
                "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_request\"}}"))
        .isEqualTo(
            """
            {"id":"batch_req_01hx-00000007","custom_id":"request-7","response":{"status_code":400,"request_id":"batch_01hx-00000007","body":{"error":{"message":"no","type":"invalid_request_error","param":null,"code":"invalid_request"}}},"error":null}
            """);
  }

  @Test
  void aFailureWithoutABodyGetsOne() {
    assertThat(line(Outcome.FAILED, 402, "budget_exceeded", null))
        .isEqualTo(
            """
            {"id":"batch_req_01hx-00000007","custom_id":"request-7","response":{"status_code":402,"request_id":"batch_01hx-00000007","body":{"error":{"message":"The request failed: budget_exceeded.","type":"insufficient_quota","param":null,"code":"budget_exceeded"}}},"error":null}
            """);
  }

  @Test
  void aCancelledLineHasNoResponse() {
    assertThat(line(Outcome.CANCELLED, 499, "cancelled", "{\"error\":{}}"))
        .isEqualTo(
            """
            {"id":"batch_req_01hx-00000007","custom_id":"request-7","response":null,"error":{"code":"batch_cancelled","message":"This request was not executed because the batch was cancelled."}}
            """);
  }

  @Test
  void anExpiredLineHasNoResponse() {
    assertThat(line(Outcome.EXPIRED, 504, "deadline_exceeded", null))
        .isEqualTo(
            """
            {"id":"batch_req_01hx-00000007","custom_id":"request-7","response":null,"error":{"code":"batch_expired","message":"This request could not be executed before the completion window expired."}}
            """);
  }

  @Test
  void aBodyOverSeveralLinesIsPutOnOne() {
    assertThat(line(Outcome.SUCCEEDED, 200, null, "{\r\n  \"a\": \"x\\ny\"\n}"))
        .contains("\"body\":{    \"a\": \"x\\ny\" }}")
        .hasLineCount(1);
  }

  @Test
  void aBodyThatIsNoJsonIsQuotedSoThatItCannotBreakTheFile() {
    assertThat(line(Outcome.FAILED, 502, "provider_error", "<html>\n\"oops\""))
        .contains("\"body\":\"<html>\\n\\\"oops\\\"\"}")
        .hasLineCount(1);
  }

  @Test
  void aCustomIdIsEscaped() {
    var line =
        new String(
            OutputLine.withoutAnswer(BATCH, 1, "a\"b\\\n\u00e9", Stop.Reason.CANCELLED),
            StandardCharsets.UTF_8);

    assertThat(line).contains("\"custom_id\":\"a\\\"b\\\\\\n\u00e9\"");
  }

  private static String line(
      Outcome outcome, int status, @Nullable String errorCode, @Nullable String body) {
    var bytes =
        OutputLine.of(
            BATCH,
            7,
            "request-7",
            LineIds.request(BATCH, 7),
            outcome,
            status,
            errorCode,
            body == null ? null : body.getBytes(StandardCharsets.UTF_8));
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
