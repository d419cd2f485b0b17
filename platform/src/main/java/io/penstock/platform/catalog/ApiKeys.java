package io.penstock.platform.catalog;

import io.penstock.schemas.avro.ApiKeyEntry;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Keyed hashes of API keys: the catalogue never holds a secret, and a stolen catalogue without the
 * installation's pepper cannot be searched for one. Thread-safe.
 */
public final class ApiKeys {

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec pepper;

  /**
   * Uses the pepper of an installation.
   *
   * @param pepper at least 16 characters; all services of an installation share it
   */
  public ApiKeys(String pepper) {
    if (pepper.length() < 16) {
      throw new IllegalArgumentException("the pepper of API keys must have at least 16 characters");
    }
    this.pepper = new SecretKeySpec(pepper.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  /** The hash under which the catalogue knows a secret, lower-case hex. */
  public String hash(String secret) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(pepper);
      return HexFormat.of().formatHex(mac.doFinal(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /**
   * The usable key of a secret: known, active, not expired, of an active organisation; otherwise
   * null.
   */
  public @Nullable ApiKeyEntry authenticate(Catalog catalog, String secret, Instant now) {
    var key = catalog.keyByHash(hash(secret));
    return key != null && usable(catalog, key, now) ? key : null;
  }

  /** Whether a key may be used now. */
  public static boolean usable(Catalog catalog, ApiKeyEntry key, Instant now) {
    var organization = catalog.organization(key.getOrganization());
    var expires = key.getExpiresAt();
    return key.getActive()
        && organization != null
        && organization.getActive()
        && (expires == null || now.isBefore(expires));
  }
}
