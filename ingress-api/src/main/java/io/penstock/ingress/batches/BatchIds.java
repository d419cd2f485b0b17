package io.penstock.ingress.batches;

import io.penstock.platform.id.Ids;
import io.penstock.platform.id.Sha256;
import java.time.Instant;
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
    if (idempotencyKey == null) {
      return ids.next(PREFIX, at);
    }
    var hash = Sha256.hex(organization + "\0" + idempotencyKey);
    return PREFIX + hash.substring(0, HASH_CHARACTERS);
  }
}
