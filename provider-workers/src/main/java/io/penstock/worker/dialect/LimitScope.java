package io.penstock.worker.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Failure;
import org.jspecify.annotations.Nullable;

/**
 * What a 429 is about. Providers count by model, and say in whose name only in their own words:
 * OpenAI, Groq, Anthropic and Azure name the organisation even where they mean one of its models,
 * so that word alone says nothing.
 */
public enum LimitScope {
  /** The model that was called: the usual case, and assumed where nothing is said. */
  MODEL,
  /** All models of the credential. */
  CREDENTIAL;

  /** The scope of a refusal. */
  public static LimitScope of(Failure failure) {
    return said(failure) == CREDENTIAL ? CREDENTIAL : MODEL;
  }

  /** What a refusal says about its scope; null when nothing. */
  public static @Nullable LimitScope said(Failure failure) {
    var buffer = failure.getBody();
    if (buffer == null) {
      return null;
    }
    var body = new byte[buffer.remaining()];
    buffer.duplicate().get(body);
    return said(ProviderError.parse(body));
  }

  private static @Nullable LimitScope said(ProviderError error) {
    var violations = violations(error);
    if (violations > 0) {
      return ofModel(error) == violations ? MODEL : CREDENTIAL;
    }
    return error.says(
            "across all models",
            "for all models",
            "per api key",
            "for your api key",
            "for this api key",
            "rate limit exceeded for api_key",
            "rate limit type = key",
            "using a trial key")
        ? CREDENTIAL
        : null;
  }

  private static int violations(ProviderError error) {
    var count = 0;
    for (var detail : error.details().path("details")) {
      count += detail.path("violations").size();
    }
    return count;
  }

  /** Google's quotas say in their names what they are per, and in their dimensions for whom. */
  private static int ofModel(ProviderError error) {
    var count = 0;
    for (var detail : error.details().path("details")) {
      for (var violation : detail.path("violations")) {
        count += ofModel(violation) ? 1 : 0;
      }
    }
    return count;
  }

  private static boolean ofModel(JsonNode violation) {
    return violation.path("quotaId").asText().contains("PerModel")
        || violation.path("quotaDimensions").has("model");
  }
}
