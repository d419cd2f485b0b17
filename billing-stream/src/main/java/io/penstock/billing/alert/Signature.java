package io.penstock.billing.alert;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The symmetric signature of Standard Webhooks 1.0.0 (standardwebhooks.com): pure. */
final class Signature {

  /** The least length of a key that the specification allows. */
  static final int KEY_BYTES_MIN = 24;

  private static final String SECRET = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";

  private Signature() {}

  /**
   * The key of a secret: what follows {@code whsec_} as Base64, or the bytes of any other text.
   *
   * @throws IllegalArgumentException when it is too short, or no Base64; the message does not
   *     repeat it
   */
  static byte[] key(String secret) {
    byte[] key;
    try {
      key =
          secret.startsWith(SECRET)
              ? Base64.getDecoder().decode(secret.substring(SECRET.length()))
              : secret.getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the secret is no Base64 after " + SECRET, e);
    }
    if (key.length < KEY_BYTES_MIN) {
      throw new IllegalArgumentException("the secret has fewer than " + KEY_BYTES_MIN + " bytes");
    }
    return key;
  }

  /**
   * The value of {@code webhook-signature}.
   *
   * @param at of this attempt, sent as {@code webhook-timestamp}
   */
  static String of(byte[] key, String id, Instant at, byte[] body) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      mac.update((id + "." + at.getEpochSecond() + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
