package io.penstock.ingress.batches;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingress.http.ApiException;
import io.penstock.ingress.jobs.Endpoints;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/batches}.
 *
 * @param outputExpiresAfterSeconds life of the output files; null when they stay
 */
record BatchOrder(
    String inputFile,
    String endpoint,
    String completionWindow,
    Map<String, String> metadata,
    @Nullable Long outputExpiresAfterSeconds) {

  /** The only completion window. */
  static final String WINDOW = "24h";

  private static final int METADATA_PAIRS_MAX = 16;
  private static final int METADATA_KEY_LENGTH_MAX = 64;
  private static final int METADATA_VALUE_LENGTH_MAX = 512;
  private static final long EXPIRY_SECONDS_LEAST = 3_600;
  private static final long EXPIRY_SECONDS_MOST = 2_592_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  BatchOrder {
    metadata = Map.copyOf(metadata);
  }

  /**
   * Reads a body.
   *
   * @throws ApiException when it is not a good order
   */
  static BatchOrder of(byte[] body) {
    var json = parse(body);
    var endpoint = text(json, "endpoint");
    if (Endpoints.surface(endpoint) == null) {
      throw invalid(
          "endpoint", "'endpoint' must be one of " + String.join(", ", Endpoints.all()) + ".");
    }
    var window = text(json, "completion_window");
    if (!window.equals(WINDOW)) {
      throw invalid("completion_window", "'completion_window' must be '" + WINDOW + "'.");
    }
    return new BatchOrder(
        text(json, "input_file_id"),
        endpoint,
        window,
        metadata(json.path("metadata")),
        expiry(json.path("output_expires_after")));
  }

  /**
   * Whether a batch object is of this order.
   *
   * @param json the batch object
   */
  boolean is(byte[] json) {
    var batch = parse(json);
    var shown = batch.path("metadata");
    return batch.path("input_file_id").asText().equals(inputFile)
        && batch.path("endpoint").asText().equals(endpoint)
        && shown.size() == metadata.size()
        && metadata.entrySet().stream()
            .allMatch(pair -> shown.path(pair.getKey()).asText().equals(pair.getValue()));
  }

  private static JsonNode parse(byte[] body) {
    try {
      var json = JSON.readTree(body);
      if (json != null && json.isObject()) {
        return json;
      }
    } catch (JsonProcessingException e) {
      throw new ApiException(ErrorCode.INVALID_JSON, null, "The body is not valid JSON.");
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
    throw new ApiException(ErrorCode.INVALID_TYPE, null, "The body must be a JSON object.");
  }

  private static String text(JsonNode json, String field) {
    var value = json.path(field);
    if (value.isMissingNode() || value.isNull()) {
      throw new ApiException(
          ErrorCode.MISSING_REQUIRED_PARAMETER,
          field,
          "Missing required parameter: '" + field + "'.");
    }
    if (!value.isTextual()) {
      throw type(field, "a string");
    }
    return value.asText();
  }

  private static Map<String, String> metadata(JsonNode json) {
    if (json.isMissingNode() || json.isNull()) {
      return Map.of();
    }
    if (!json.isObject()) {
      throw type("metadata", "an object");
    }
    if (json.size() > METADATA_PAIRS_MAX) {
      throw invalid("metadata", "'metadata' must have at most " + METADATA_PAIRS_MAX + " pairs.");
    }
    var metadata = new TreeMap<String, String>();
    for (var entry : json.properties()) {
      if (!entry.getValue().isTextual()) {
        throw type("metadata", "an object of strings");
      }
      var value = entry.getValue().asText();
      if (entry.getKey().length() > METADATA_KEY_LENGTH_MAX
          || value.length() > METADATA_VALUE_LENGTH_MAX) {
        throw invalid(
            "metadata",
            "Keys of 'metadata' must have at most "
                + METADATA_KEY_LENGTH_MAX
                + " characters, values at most "
                + METADATA_VALUE_LENGTH_MAX
                + ".");
      }
      metadata.put(entry.getKey(), value);
    }
    return metadata;
  }

  private static @Nullable Long expiry(JsonNode json) {
    if (json.isMissingNode() || json.isNull()) {
      return null;
    }
    if (!json.path("anchor").asText().equals("created_at")) {
      throw invalid("output_expires_after.anchor", "'anchor' must be 'created_at'.");
    }
    var seconds = json.path("seconds");
    if (!seconds.isIntegralNumber()
        || !seconds.canConvertToLong()
        || seconds.asLong() < EXPIRY_SECONDS_LEAST
        || seconds.asLong() > EXPIRY_SECONDS_MOST) {
      throw invalid(
          "output_expires_after.seconds",
          "'seconds' must be a whole number from "
              + EXPIRY_SECONDS_LEAST
              + " to "
              + EXPIRY_SECONDS_MOST
              + ".");
    }
    return seconds.asLong();
  }

  private static ApiException type(String field, String wanted) {
    return new ApiException(
        ErrorCode.INVALID_TYPE, field, "'" + field + "' must be " + wanted + ".");
  }

  private static ApiException invalid(String field, String message) {
    return new ApiException(ErrorCode.INVALID_REQUEST, field, message);
  }
}
