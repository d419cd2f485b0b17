package io.penstock.ingress.batches;

import io.penstock.platform.id.Ids;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Ids of batches. With an {@code Idempotency-Key} the id follows from it, so that asking twice
 * makes one batch.
 */
final class BatchIds {

  private static final String PREFIX = "batch_";
  private static final int HASH_CHARACTERS = 32;

  private final Ids ids;

  BatchIds(Ids ids) {
    this.ids = ids;
  }

  /**
   * The id of a new batch.
   *
   * @param idempotencyKey as the caller sent it; null when there is none
   */
  String next(String organization, @Nullable String idempotencyKey, Instant at) {
    if (idempotencyKey == null || idempotencyKey.isBlank()) {
      return ids.next(PREFIX, at);
    }
    var text = organization + "\0" + idempotencyKey;
    var hash = sha256(text.getBytes(StandardCharsets.UTF_8));
    return PREFIX + HexFormat.of().formatHex(hash).substring(0, HASH_CHARACTERS);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
