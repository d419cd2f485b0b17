package io.penstock.worker.engine;

import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A pool's credential, read when first needed and again when the provider refuses it. Thread-safe.
 */
final class Credential {

  private final @Nullable Secret secret;
  private volatile @Nullable String value;

  Credential(@Nullable Secret secret) {
    this.secret = secret;
  }

  /**
   * The credential; null when the pool has none.
   *
   * @throws ConfigException when it cannot be read
   */
  @Nullable String value() {
    var known = value;
    if (known == null && secret != null) {
      known = secret.resolve();
      value = known;
    }
    return known;
  }

  /** Why it cannot be read, without what it is; null when it can be, or the pool needs none. */
  @Nullable String problem() {
    try {
      value();
      return null;
    } catch (ConfigException e) {
      return e.getMessage();
    }
  }

  /** The secret, by its reference. */
  @Nullable Secret secret() {
    return secret;
  }

  /** Reads it again; true when it is another one than before. */
  boolean changed() {
    var before = value;
    return before != null && renewed(before);
  }

  /** Reads it again; false when it is what was refused. */
  boolean renewed(@Nullable String refused) {
    if (secret == null) {
      return false;
    }
    try {
      var again = secret.resolve();
      value = again;
      return !again.equals(refused);
    } catch (ConfigException e) {
      return false;
    }
  }
}
