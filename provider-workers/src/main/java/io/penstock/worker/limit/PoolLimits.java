package io.penstock.worker.limit;

import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool's limits as the catalogue has them, for all workers together.
 *
 * @param credentials at least one, each with limits of its own
 * @param together of all credentials together; unknown when only their own count
 * @param concurrencyMax calls at once
 */
public record PoolLimits(
    List<CredentialLimits> credentials, PerMinute together, long concurrencyMax) {

  /** Name of a pool's only credential. */
  public static final String ONLY = "default";

  /**
   * @throws IllegalArgumentException when there is no credential, or two have the same name
   */
  public PoolLimits {
    credentials = List.copyOf(credentials);
    if (credentials.isEmpty()) {
      throw new IllegalArgumentException("a pool needs a credential, even one without a secret");
    }
    var names = new HashSet<String>();
    for (var credential : credentials) {
      if (!names.add(credential.name())) {
        throw new IllegalArgumentException("two credentials are called " + credential.name());
      }
    }
  }

  /** Those of a pool with one credential. */
  public PoolLimits(
      @Nullable Long requestsPerMinute, @Nullable Long tokensPerMinute, long concurrencyMax) {
    this(
        List.of(new CredentialLimits(ONLY, requestsPerMinute, tokensPerMinute)),
        PerMinute.UNKNOWN,
        concurrencyMax);
  }
}
