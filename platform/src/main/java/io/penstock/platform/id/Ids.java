package io.penstock.platform.id;

import java.security.SecureRandom;
import java.time.Instant;

/**
 * Makes ids of 26 characters: 48 bits of time, then 82 random bits, in an alphabet that sorts by
 * time.
 */
public final class Ids {

  private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
  private static final int BITS = 5;
  private static final int MASK = 31;
  private static final int TIME_CHARACTERS = 10;
  private static final int RANDOM_CHARACTERS = 16;

  private final SecureRandom random = new SecureRandom();

  /**
   * A new id.
   *
   * @param prefix what kind of thing it names, such as {@code req_}
   * @param at time that ids sort by
   */
  public String next(String prefix, Instant at) {
    var id =
        new StringBuilder(prefix.length() + TIME_CHARACTERS + RANDOM_CHARACTERS).append(prefix);
    var millis = at.toEpochMilli();
    for (int i = TIME_CHARACTERS - 1; i >= 0; i--) {
      id.append(ALPHABET[(int) (millis >>> (i * BITS)) & MASK]);
    }
    appendRandom(id, RANDOM_CHARACTERS);
    return id.toString();
  }

  /** Characters without any order, for secrets: 5 random bits each. */
  public String secret(String prefix, int characters) {
    var secret = new StringBuilder(prefix);
    appendRandom(secret, characters);
    return secret.toString();
  }

  private void appendRandom(StringBuilder to, int characters) {
    var bytes = new byte[characters];
    random.nextBytes(bytes);
    for (var b : bytes) {
      to.append(ALPHABET[b & MASK]);
    }
  }
}
