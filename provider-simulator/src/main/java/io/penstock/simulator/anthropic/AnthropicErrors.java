package io.penstock.simulator.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.simulator.behaviour.Trouble;
import io.penstock.simulator.dialect.ErrorBody;
import io.penstock.simulator.dialect.Situation;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.json.JsonBytes;

/** Errors in Anthropic's envelope and words. */
final class AnthropicErrors {
  private static final byte[] TOO_LARGE_PAGE =
      "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
          .getBytes(UTF_8);

  private AnthropicErrors() {}

  static ErrorBody of(Problem problem, String requestId) {
    return switch (problem.status()) {
      case 400 -> error(400, "invalid_request_error", problem.message(), requestId);
      case 401 -> error(401, "authentication_error", "invalid x-api-key", requestId);
      case 404 -> error(404, "not_found_error", problem.message(), requestId);
      case 413 -> error(413, "request_too_large", "Request exceeds the maximum size", requestId);
      case 429 ->
          error(
              429,
              "rate_limit_error",
              "This request would exceed your organization's rate limit. " + problem.message(),
              requestId);
      default ->
          error(
              problem.status(),
              problem.status() < 500 ? "invalid_request_error" : "api_error",
              problem.message(),
              requestId);
    };
  }

  static ErrorBody of(Trouble trouble, Situation situation) {
    var id = situation.id();
    return switch (trouble) {
      case BAD_REQUEST ->
          error(400, "invalid_request_error", "simulated: Extra inputs are not permitted", id);
      case UNAUTHORIZED -> error(401, "authentication_error", "invalid x-api-key", id);
      case PAYMENT ->
          error(402, "billing_error", "There is a problem with your billing details.", id);
      case FORBIDDEN ->
          error(
              403,
              "permission_error",
              "Your API key does not have permission to use the specified resource",
              id);
      case MODEL_UNKNOWN -> error(404, "not_found_error", "model: " + situation.model(), id);
      case REQUEST_TIMEOUT -> error(408, "timeout_error", "Request timed out", id);
      case TOO_LARGE -> page();
      case RATE ->
          error(
              429,
              "rate_limit_error",
              "This request would exceed your organization's rate limit of 50 requests per minute.",
              id);
      case CAPACITY ->
          error(
              429,
              "rate_limit_error",
              "Number of concurrent connections has exceeded your rate limit. Please try again"
                  + " later.",
              id);
      case MONEY ->
          error(
              400,
              "invalid_request_error",
              "Your credit balance is too low to access the Anthropic API. Please go to Plans &"
                  + " Billing to upgrade or purchase credits.",
              id);
      case SERVER -> error(500, "api_error", "Internal server error", id);
      case BAD_GATEWAY -> error(502, "api_error", "Bad gateway", id);
      case OVERLOADED -> error(503, "api_error", "Service unavailable", id);
      case GATEWAY_TIMEOUT -> error(504, "timeout_error", "Request timed out", id);
      case OVERLOADED_529 -> error(529, "overloaded_error", "Overloaded", id);
      case CONTEXT ->
          error(
              400,
              "invalid_request_error",
              "prompt is too long: "
                  + situation.inputTokens()
                  + " tokens > "
                  + Math.max(1, situation.inputTokens() - 1)
                  + " maximum",
              id);
      case POLICY ->
          error(400, "invalid_request_error", "Output blocked by content filtering policy", id);
      case PREFILL ->
          error(
              400,
              "invalid_request_error",
              "This model does not support assistant message prefill. The conversation must end"
                  + " with a user message.",
              id);
    };
  }

  private static ErrorBody page() {
    var body = new JsonBytes(TOO_LARGE_PAGE.length);
    body.write(TOO_LARGE_PAGE);
    return new ErrorBody(413, ErrorBody.Markup.HTML, body);
  }

  private static ErrorBody error(int status, String type, String message, String requestId) {
    return ErrorBody.json(
        status,
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "error");
          json.writeObjectFieldStart("error");
          json.writeStringField("type", type);
          json.writeStringField("message", message);
          json.writeEndObject();
          json.writeStringField("request_id", requestId);
          json.writeEndObject();
        });
  }
}
