package io.penstock.ingress.admin;

import io.penstock.ingress.http.IdempotencyKey;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.id.Sha256;
import java.math.BigInteger;
import java.time.Instant;

/**
 * An API key that is made once, however often it is asked for under one {@code Idempotency-Key}.
 * Pure.
 *
 * <p>Nobody stores the secret that an answer got lost with: it follows from the secret of who asks,
 * what is asked and the installation's pepper. So the same caller hears it again, and nobody else
 * can work it out, from the catalogue and the pepper together neither.
 *
 * @param caller the secret that the caller has shown
 * @param asked key and fingerprint of the request
 */
record RepeatableKey(ApiKeys hashes, String organization, String caller, IdempotencyKey asked) {

  private static final String ID_PREFIX = "key_";
  private static final int ID_CHARACTERS = 32;

  private static final int DIGIT_BITS = 5;

  /** The id of the key: the same for all that the organisation asks under the Idempotency-Key. */
  String id() {
    return ID_PREFIX + Sha256.hex(organization + "\0" + asked.value()).substring(0, ID_CHARACTERS);
  }

  /**
   * The secret of the key.
   *
   * @param characters after the prefix
   * @param createdAt when the key was made, in whole milliseconds: a key that was deleted and made
   *     again has another secret
   */
  String secret(String prefix, int characters, Instant createdAt) {
    var hash =
        hashes.hash(
            String.join(
                "\0",
                "a new key",
                caller,
                asked.value(),
                asked.fingerprint(),
                Long.toString(createdAt.toEpochMilli())));
    var digits =
        new BigInteger(hash, 16)
            .mod(BigInteger.TWO.pow(DIGIT_BITS * characters))
            .toString(1 << DIGIT_BITS);
    return prefix + "0".repeat(characters - digits.length()) + digits;
  }

  @Override
  public String toString() {
    return "RepeatableKey[" + id() + "]";
  }
}
