package io.penstock.simulator.openai;

import io.penstock.simulator.behaviour.Trouble;
import io.penstock.simulator.dialect.ErrorBody;
import io.penstock.simulator.dialect.Situation;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.limit.GoDuration;
import org.jspecify.annotations.Nullable;

/** Errors in OpenAI's envelope and words; Azure's where they differ. */
final class OpenAiErrors {
  private static final String INVALID_REQUEST = "invalid_request_error";
  private static final String OVERLOADED =
      "The server is currently overloaded with other requests. Sorry about that! You can retry"
          + " your request, or contact us through our help center at help.openai.com if the error"
          + " persists.";

  private OpenAiErrors() {}

  static ErrorBody body(Problem problem) {
    return new ErrorBody(problem.status(), ErrorBody.Markup.JSON, problem.body());
  }

  static ErrorBody of(Trouble trouble, Situation situation) {
    return body(problem(trouble, situation));
  }

  private static Problem problem(Trouble trouble, Situation situation) {
    return switch (trouble) {
      case BAD_REQUEST ->
          error(
              400,
              "Unsupported parameter: 'simulated' is not supported with this model.",
              INVALID_REQUEST,
              "simulated",
              "unsupported_parameter");
      case UNAUTHORIZED -> Problem.keyWrong();
      case PAYMENT ->
          error(402, "Insufficient balance.", "insufficient_balance", null, "insufficient_balance");
      case FORBIDDEN ->
          error(
              403,
              "You are not allowed to generate from this model.",
              INVALID_REQUEST,
              null,
              "forbidden");
      case MODEL_UNKNOWN -> Problem.modelUnknown(situation.model());
      case REQUEST_TIMEOUT ->
          error(408, "Request timed out.", INVALID_REQUEST, null, "request_timeout");
      case TOO_LARGE ->
          error(413, "The request body is too large.", INVALID_REQUEST, null, "request_too_large");
      case RATE ->
          error(
              429,
              "Rate limit reached for "
                  + situation.model()
                  + " in organization org-simulator on requests per min (RPM)."
                  + situation
                      .retryAfter()
                      .map(
                          wait -> " Please try again in " + GoDuration.format(wait.toNanos()) + ".")
                      .orElse("")
                  + " Visit https://platform.openai.com/account/rate-limits to learn more.",
              "requests",
              null,
              "rate_limit_exceeded");
      case CAPACITY ->
          error(
              429,
              "The engine is currently overloaded, please try again later.",
              "rate_limit_error",
              null,
              "slow_down");
      case MONEY -> Problem.quotaInsufficient();
      case SERVER -> Problem.serverError(situation.id());
      case BAD_GATEWAY -> error(502, "Bad gateway.", "server_error", null, "bad_gateway");
      case OVERLOADED -> error(503, OVERLOADED, "server_error", null, "server_is_overloaded");
      case GATEWAY_TIMEOUT ->
          error(504, "The request timed out upstream.", "server_error", null, "gateway_timeout");
      case OVERLOADED_529 -> error(529, OVERLOADED, "overloaded_error", null, "overloaded");
      case CONTEXT -> Problem.contextTooLong(situation.inputTokens());
      case POLICY -> Problem.contentFiltered();
      case PREFILL ->
          error(
              400,
              "Invalid 'messages': the last message must not be from the assistant.",
              INVALID_REQUEST,
              "messages",
              "invalid_value");
    };
  }

  private static Problem error(
      int status, String message, String type, @Nullable String param, String code) {
    return new Problem(status, message, type, param, code);
  }
}
