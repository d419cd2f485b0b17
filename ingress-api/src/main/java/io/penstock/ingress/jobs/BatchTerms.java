package io.penstock.ingress.jobs;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for; never changes.
 *
 * @param apiKey id of the API key used
 * @param project of the key; null when it has none
 * @param team of the key; null when it has none
 * @param outputExpiresAfterSeconds life of the output files; null when they stay
 * @param expiresAt end of the completion window
 */
public record BatchTerms(
    String id,
    String organization,
    String apiKey,
    @Nullable String project,
    @Nullable String team,
    String inputFile,
    String endpoint,
    String completionWindow,
    Map<String, String> metadata,
    @Nullable Long outputExpiresAfterSeconds,
    Instant createdAt,
    Instant expiresAt) {

  public BatchTerms {
    metadata = Map.copyOf(metadata);
  }
}
