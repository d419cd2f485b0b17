package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Failure;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.Headers;
import java.time.Instant;

/**
 * Errors that come after a status 200: inside a stream, or as a whole body. Their type says which
 * status they would have had.
 */
final class AnthropicErrors {

  private static final int OK = 200;

  private AnthropicErrors() {}

  /** Whether a body or event is an error. */
  static boolean isError(JsonNode node) {
    return "error".equals(node.path("type").asText()) || node.path("error").isObject();
  }

  /** The failure that a body or event with status 200 tells of. */
  static Failure failure(JsonNode node, byte[] raw) {
    var status = status(node.path("error").path("type").asText());
    if (status == OK) {
      return FailureClassifier.classifyError200(raw);
    }
    // without headers there is no date to compare with, so the time does not matter
    var failure = FailureClassifier.classify(status, Headers.NONE, raw, Instant.EPOCH);
    failure.setHttpStatus(OK);
    return failure;
  }

  private static int status(String type) {
    return switch (type) {
      case "invalid_request_error" -> 400;
      case "authentication_error" -> 401;
      case "billing_error" -> 402;
      case "permission_error" -> 403;
      case "not_found_error" -> 404;
      case "request_too_large" -> 413;
      case "rate_limit_error" -> 429;
      case "api_error" -> 500;
      case "timeout_error" -> 504;
      case "overloaded_error" -> 529;
      default -> OK;
    };
  }
}
