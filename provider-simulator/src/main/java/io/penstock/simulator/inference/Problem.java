package io.penstock.simulator.inference;

import io.penstock.simulator.json.JsonBytes;
import io.penstock.simulator.limit.Admission;
import io.penstock.simulator.limit.GoDuration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a call, as OpenAI words it; other dialects keep status and message.
 *
 * @param status the HTTP status
 */
public record Problem(
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
  public static Problem keyMissing() {
    return new Problem(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header"
            + " using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        INVALID_REQUEST,
        null,
        "invalid_api_key");
  }

  /** Another key than the required one was sent. */
  public static Problem keyWrong() {
    return new Problem(
        401,
        "Incorrect API key provided. You can find your API key at"
            + " https://platform.openai.com/account/api-keys.",
        INVALID_REQUEST,
        null,
        "invalid_api_key");
  }

  /** An order to the simulator makes no sense. */
  public static Problem misunderstood(String message) {
    return invalid(message, "x-sim-fault", "invalid_value");
  }

  /** The body is not JSON. */
  public static Problem notJson() {
    return invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't"
            + " using your HTTP library correctly. The OpenAI API expects a JSON payload, but what"
            + " was sent was not valid JSON.)",
        null,
        null);
  }

  /** The model is not named. */
  public static Problem modelMissing() {
    return invalid("you must provide a model parameter", null, null);
  }

  /** A parameter is not there. */
  public static Problem parameterMissing(String name) {
    return invalid(
        "Missing required parameter: '" + name + "'.", name, "missing_required_parameter");
  }

  /** An array must have an element. */
  public static Problem arrayEmpty(String name) {
    return invalid(
        "Invalid '"
            + name
            + "': empty array. Expected an array with minimum length 1, but got an empty array"
            + " instead.",
        name,
        "empty_array");
  }

  /** A parameter has another type. */
  public static Problem typeWrong(String name, String expected) {
    return invalid(
        "Invalid type for '" + name + "': expected " + expected + ".", name, "invalid_type");
  }

  /** A parameter has a value that is not allowed. */
  public static Problem valueWrong(String name, String expected) {
    return invalid(
        "Invalid value for '" + name + "': expected " + expected + ".", name, "invalid_value");
  }

  /** A number is too small. */
  public static Problem belowMinimum(String name, long minimum, long value) {
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
  public static Problem aboveMaximum(String name, long maximum, long value) {
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
  public static Problem pathUnknown(String method, String path) {
    return new Problem(
        404, "Invalid URL (" + method + " " + path + ")", INVALID_REQUEST, null, null);
  }

  /** The path exists, for another method. */
  public static Problem methodNotAllowed(String method, String path) {
    return new Problem(
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
  public static Problem bodyTooLarge(long bytesMax) {
    return new Problem(
        413,
        "The request body is over the limit of " + bytesMax + " bytes.",
        INVALID_REQUEST,
        null,
        null);
  }

  /** No such model. */
  public static Problem modelUnknown(String model) {
    return new Problem(
        404,
        "The model `" + model + "` does not exist or you do not have access to it.",
        INVALID_REQUEST,
        null,
        "model_not_found");
  }

  /** A limit of ours is reached. */
  public static Problem limitReached(String model, Admission.Refused refused) {
    var shortName = refused.reached().shortName();
    return new Problem(
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

  /** The account has no money left. */
  public static Problem quotaInsufficient() {
    return new Problem(
        429,
        "You exceeded your current quota, please check your plan and billing details. For more"
            + " information on this error, read the docs:"
            + " https://platform.openai.com/docs/guides/error-codes/api-errors.",
        "insufficient_quota",
        null,
        "insufficient_quota");
  }

  /** The provider failed. */
  public static Problem serverError(String requestId) {
    return new Problem(
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

  /** The prompt does not fit. */
  public static Problem contextTooLong(int promptTokens) {
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
  public static Problem contentFiltered() {
    return new Problem(
        400,
        "The response was filtered due to the prompt triggering the content management policy."
            + " Please modify your prompt and retry.",
        null,
        "prompt",
        "content_filter");
  }

  private static Problem invalid(String message, @Nullable String param, @Nullable String code) {
    return new Problem(400, message, INVALID_REQUEST, param, code);
  }
}
