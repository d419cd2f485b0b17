package io.penstock.worker.limit;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one credential as the catalogue has them, for all workers together.
 *
 * @param name within the pool
 * @param all of all its models together
 * @param models of each model alone, by its name at the provider; what is not there has none of its
 *     own in the catalogue
 */
public record CredentialLimits(String name, PerMinute all, Map<String, PerMinute> models) {

  public CredentialLimits {
    models = Map.copyOf(models);
  }

  /** Without limits of single models. */
  public CredentialLimits(
      String name, @Nullable Long requestsPerMinute, @Nullable Long tokensPerMinute) {
    this(name, new PerMinute(requestsPerMinute, tokensPerMinute), Map.of());
  }

  /** What is known of one model: its own limits, and never more than all may have together. */
  PerMinute of(String model) {
    return models.getOrDefault(model, PerMinute.UNKNOWN).and(all);
  }
}
