package io.penstock.simulator.gemini;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.behaviour.Trouble;
import io.penstock.simulator.dialect.ErrorBody;
import io.penstock.simulator.dialect.Situation;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/** Errors in Google's envelope and words. */
final class GeminiErrors {
  private static final String TYPE = "@type";
  private static final JsonBytes.Content NO_DETAILS = _ -> {};

  private GeminiErrors() {}

  static ErrorBody of(Problem problem) {
    return switch (problem.status()) {
      case 400, 413 -> error(400, "INVALID_ARGUMENT", problem.message(), NO_DETAILS);
      case 401, 403 -> keyWrong();
      case 404 -> error(404, "NOT_FOUND", problem.message(), NO_DETAILS);
      case 429 ->
          error(
              429,
              "RESOURCE_EXHAUSTED",
              "You exceeded your current quota. " + problem.message(),
              NO_DETAILS);
      default -> error(problem.status(), "INTERNAL", problem.message(), NO_DETAILS);
    };
  }

  static ErrorBody rate(String message, Optional<Duration> retryAfter) {
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        message,
        json -> quota(json, "GenerateRequestsPerMinutePerProjectPerModel", retryAfter));
  }

  static ErrorBody of(Trouble trouble, Situation situation) {
    return switch (trouble) {
      case BAD_REQUEST ->
          error(
              400,
              "INVALID_ARGUMENT",
              "Invalid JSON payload received. Unknown name \"simulated\": Cannot find field.",
              NO_DETAILS);
      case UNAUTHORIZED -> keyWrong();
      case PAYMENT ->
          error(402, "FAILED_PRECONDITION", "Your prepayment credits are depleted.", NO_DETAILS);
      case FORBIDDEN ->
          error(
              403,
              "PERMISSION_DENIED",
              "Your project has been denied access. Please contact support.",
              NO_DETAILS);
      case MODEL_UNKNOWN ->
          error(
              404,
              "NOT_FOUND",
              "models/"
                  + situation.model()
                  + " is not found for API version v1beta, or is not supported for"
                  + " generateContent. Call ListModels to see the list of available models and"
                  + " their supported methods.",
              NO_DETAILS);
      case REQUEST_TIMEOUT -> error(408, "DEADLINE_EXCEEDED", "Request timed out.", NO_DETAILS);
      case TOO_LARGE ->
          error(
              413,
              "INVALID_ARGUMENT",
              "Request payload size exceeds the limit: 20971520 bytes.",
              NO_DETAILS);
      case RATE ->
          rate(
              "You exceeded your current quota, please check your plan and billing details. Quota"
                  + " exceeded for metric: generate_content_requests, limit: 10."
                  + situation
                      .retryAfter()
                      .map(wait -> "\nPlease retry in " + seconds(wait) + ".")
                      .orElse(""),
              situation.retryAfter());
      case CAPACITY ->
          error(
              429,
              "RESOURCE_EXHAUSTED",
              "Resource has been exhausted (e.g. check quota).",
              NO_DETAILS);
      case MONEY ->
          error(
              429,
              "RESOURCE_EXHAUSTED",
              "You exceeded your current quota, please check your plan and billing details.",
              json ->
                  quota(
                      json, "GenerateRequestsPerDayPerProjectPerModel-FreeTier", Optional.empty()));
      case SERVER ->
          error(
              500,
              "INTERNAL",
              "An internal error has occurred. Please retry or report in"
                  + " https://developers.generativeai.google/guide/troubleshooting",
              NO_DETAILS);
      case BAD_GATEWAY -> error(502, "UNAVAILABLE", "Bad gateway.", NO_DETAILS);
      case OVERLOADED ->
          error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.", NO_DETAILS);
      case GATEWAY_TIMEOUT ->
          error(
              504,
              "DEADLINE_EXCEEDED",
              "Deadline expired before operation could complete.",
              NO_DETAILS);
      case OVERLOADED_529 ->
          error(529, "UNAVAILABLE", "The model is overloaded. Please try again later.", NO_DETAILS);
      case CONTEXT ->
          error(
              400,
              "INVALID_ARGUMENT",
              "The input token count ("
                  + situation.inputTokens()
                  + ") exceeds the maximum number of tokens allowed ("
                  + Math.max(1, situation.inputTokens() - 1)
                  + ").",
              NO_DETAILS);
      case POLICY -> blocked(situation);
      case PREFILL ->
          error(
              400,
              "INVALID_ARGUMENT",
              "Please ensure that the conversation ends with a user turn.",
              NO_DETAILS);
    };
  }

  private static ErrorBody keyWrong() {
    return error(
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
        json -> {
          json.writeStartObject();
          json.writeStringField(TYPE, "type.googleapis.com/google.rpc.ErrorInfo");
          json.writeStringField("reason", "API_KEY_INVALID");
          json.writeStringField("domain", "googleapis.com");
          json.writeEndObject();
        });
  }

  /** A blocked prompt is no error to Gemini: it answers, without candidates. */
  private static ErrorBody blocked(Situation situation) {
    return ErrorBody.json(
        200,
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("promptFeedback");
          json.writeStringField("blockReason", "PROHIBITED_CONTENT");
          json.writeEndObject();
          json.writeObjectFieldStart("usageMetadata");
          json.writeNumberField("promptTokenCount", situation.inputTokens());
          json.writeNumberField("totalTokenCount", situation.inputTokens());
          json.writeEndObject();
          json.writeStringField("modelVersion", situation.model());
          json.writeEndObject();
        });
  }

  private static void quota(JsonGenerator json, String quotaId, Optional<Duration> retryAfter)
      throws IOException {
    json.writeStartObject();
    json.writeStringField(TYPE, "type.googleapis.com/google.rpc.QuotaFailure");
    json.writeArrayFieldStart("violations");
    json.writeStartObject();
    json.writeStringField("quotaMetric", "generate_content_requests");
    json.writeStringField("quotaId", quotaId);
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
    if (retryAfter.isPresent()) {
      json.writeStartObject();
      json.writeStringField(TYPE, "type.googleapis.com/google.rpc.RetryInfo");
      json.writeStringField("retryDelay", seconds(retryAfter.get()));
      json.writeEndObject();
    }
  }

  private static String seconds(Duration time) {
    long millis = Math.max(1, Math.ceilDiv(time.toNanos(), 1_000_000L));
    return BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString() + "s";
  }

  private static ErrorBody error(
      int status, String name, String message, JsonBytes.Content details) {
    return ErrorBody.json(
        status,
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("error");
          json.writeNumberField("code", status);
          json.writeStringField("message", message);
          json.writeStringField("status", name);
          if (details != NO_DETAILS) {
            json.writeArrayFieldStart("details");
            details.writeTo(json);
            json.writeEndArray();
          }
          json.writeEndObject();
          json.writeEndObject();
        });
  }
}
