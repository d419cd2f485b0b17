package io.penstock.simulator.openai;

import io.penstock.simulator.limit.Admission;
import io.penstock.simulator.limit.GoDuration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An error as OpenAI words it.
 *
 * @param status the HTTP status
 */
public record OpenAiError(
    int status,
    String message,
    @Nullable String type,
    @Nullable String param,
    @Nullable String code) {
  private static final String INVALID_REQUEST = "invalid_request_error";

  /** The body. */
  public JsonBytes body() {
    return JsonBytes.of(
        512,
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("error");
          json.writeStringField("message", message);
          json.writeStringField("type", type);
          json.writeStringField("param", param);
          json.writeStringField("code", code);
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  /** No key was sent and one is required. */
  public static OpenAiError keyMissing() {
    return new OpenAiError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header"
            + " using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        INVALID_REQUEST,
        null,
        "invalid_api_key");
  }

  /** Another key than the required one was sent. */
  public static OpenAiError keyWrong() {
    return new OpenAiError(
        401,
        "Incorrect API key provided. You can find your API key at"
            + " https://platform.openai.com/account/api-keys.",
        INVALID_REQUEST,
        null,
        "invalid_api_key");
  }

  /** The body is not JSON. */
  public static OpenAiError notJson() {
    return invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't"
            + " using your HTTP library correctly. The OpenAI API expects a JSON payload, but what"
            + " was sent was not valid JSON.)",
        null,
        null);
  }

  /** The model is not named. */
  public static OpenAiError modelMissing() {
    return invalid("you must provide a model parameter", null, null);
  }

  /** A parameter is not there. */
  public static OpenAiError parameterMissing(String name) {
    return invalid(
        "Missing required parameter: '" + name + "'.", name, "missing_required_parameter");
  }

  /** An array must have an element. */
  public static OpenAiError arrayEmpty(String name) {
    return invalid(
        "Invalid '"
            + name
            + "': empty array. Expected an array with minimum length 1, but got an empty array"
            + " instead.",
        name,
        "empty_array");
  }

  /** A parameter has another type. */
  public static OpenAiError typeWrong(String name, String expected) {
    return invalid(
        "Invalid type for '" + name + "': expected " + expected + ".", name, "invalid_type");
  }

  /** A parameter has a value that is not allowed. */
  public static OpenAiError valueWrong(String name, String expected) {
    return invalid(
        "Invalid value for '" + name + "': expected " + expected + ".", name, "invalid_value");
  }

  /** A number is too small. */
  public static OpenAiError belowMinimum(String name, long minimum, long value) {
    return invalid(
        "Invalid '"
            + name
            + "': integer below minimum value. Expected a value >= "
            + minimum
            + ", but got "
            + value
            + " instead.",
        name,
        "integer_below_min_value");
  }

  /** A number is too large. */
  public static OpenAiError aboveMaximum(String name, long maximum, long value) {
    return invalid(
        "Invalid '"
            + name
            + "': integer above maximum value. Expected a value <= "
            + maximum
            + ", but got "
            + value
            + " instead.",
        name,
        "integer_above_max_value");
  }

  /** No such path. */
  public static OpenAiError pathUnknown(String method, String path) {
    return new OpenAiError(
        404, "Invalid URL (" + method + " " + path + ")", INVALID_REQUEST, null, null);
  }

  /** The path exists, for another method. */
  public static OpenAiError methodNotAllowed(String method, String path) {
    return new OpenAiError(
        405,
        "Not allowed to "
            + method
            + " on "
            + path
            + ". (HINT: Perhaps you meant to use a different HTTP method?)",
        INVALID_REQUEST,
        null,
        "method_not_supported");
  }

  /** The body exceeds the server's limit. */
  public static OpenAiError bodyTooLarge(long bytesMax) {
    return new OpenAiError(
        413,
        "The request body is over the limit of " + bytesMax + " bytes.",
        INVALID_REQUEST,
        null,
        null);
  }

  /** No such model. */
  public static OpenAiError modelUnknown(String model) {
    return new OpenAiError(
        404,
        "The model `" + model + "` does not exist or you do not have access to it.",
        INVALID_REQUEST,
        null,
        "model_not_found");
  }

  /** A limit of ours is reached. */
  public static OpenAiError limitReached(String model, Admission.Refused refused) {
    var shortName = refused.reached().shortName();
    return new OpenAiError(
        429,
        String.format(
            Locale.ROOT,
            "Rate limit reached for %s in organization org-simulator on %s per min (%s): Limit %d,"
                + " Requested %d. Please try again in %s. Visit"
                + " https://platform.openai.com/account/rate-limits to learn more.",
            model,
            refused.reached().wireName(),
            shortName,
            refused.perMinute(),
            refused.requested(),
            GoDuration.format(refused.waitNanos())),
        refused.reached().wireName(),
        null,
        "rate_limit_exceeded");
  }

  /** A limit is said to be reached. */
  public static OpenAiError limitPretended(String model, long waitNanos) {
    return new OpenAiError(
        429,
        "Rate limit reached for "
            + model
            + " in organization org-simulator on requests per min (RPM). Please try again in "
            + GoDuration.format(waitNanos)
            + ". Visit https://platform.openai.com/account/rate-limits to learn more.",
        "requests",
        null,
        "rate_limit_exceeded");
  }

  /** The account has no money left. */
  public static OpenAiError quotaInsufficient() {
    return new OpenAiError(
        429,
        "You exceeded your current quota, please check your plan and billing details. For more"
            + " information on this error, read the docs:"
            + " https://platform.openai.com/docs/guides/error-codes/api-errors.",
        "insufficient_quota",
        null,
        "insufficient_quota");
  }

  /** The provider failed. */
  public static OpenAiError serverError(String requestId) {
    return new OpenAiError(
        500,
        "The server had an error while processing your request. Sorry about that! You can retry"
            + " your request, or contact us through our help center at help.openai.com if the error"
            + " persists. (Please include the request ID "
            + requestId
            + " in your message.)",
        "server_error",
        null,
        null);
  }

  /** The provider has too much to do. */
  public static OpenAiError overloaded() {
    return new OpenAiError(
        503,
        "The server is currently overloaded with other requests. Sorry about that! You can retry"
            + " your request, or contact us through our help center at help.openai.com if the error"
            + " persists.",
        "server_error",
        null,
        "server_is_overloaded");
  }

  /** The prompt does not fit. */
  public static OpenAiError contextTooLong(int promptTokens) {
    int window = Math.max(1, promptTokens - 1);
    return invalid(
        "This model's maximum context length is "
            + window
            + " tokens. However, your messages resulted in "
            + promptTokens
            + " tokens. Please reduce the length of the messages.",
        "messages",
        "context_length_exceeded");
  }

  /** The prompt is not allowed. */
  public static OpenAiError contentFiltered() {
    return new OpenAiError(
        400,
        "The response was filtered due to the prompt triggering the content management policy."
            + " Please modify your prompt and retry.",
        null,
        "prompt",
        "content_filter");
  }

  private static OpenAiError invalid(
      String message, @Nullable String param, @Nullable String code) {
    return new OpenAiError(400, message, INVALID_REQUEST, param, code);
  }
}
