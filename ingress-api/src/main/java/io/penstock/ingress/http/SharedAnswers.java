package io.penstock.ingress.http;

import io.penstock.platform.id.Sha256;
import io.penstock.schemas.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Requests in flight on this instance that carry an idempotency key: the same request sent again
 * meanwhile waits for the same answer instead of being made twice. Thread-safe.
 */
final class SharedAnswers {

  private static final int KEY_LENGTH_MAX = 255;

  private record Key(String organization, String idempotencyKey) {}

  /** Without a waiter when it is a stream, which nobody else can join. */
  private record Entry(byte[] digest, @Nullable Waiter waiter) {}

  private final ConcurrentHashMap<Key, Entry> entries = new ConcurrentHashMap<>();

  /**
   * Registers an answer in the making, unless the same request is in flight already.
   *
   * @param waiter for the answer; null when it is to be a stream
   * @return the other's waiter; null when this request is the first
   * @throws ApiException {@code conflict}, when another request is in flight under this key, or the
   *     same as a stream
   */
  @Nullable Waiter join(
      String organization,
      String idempotencyKey,
      String path,
      byte[] body,
      @Nullable Waiter waiter) {
    var mine = new Entry(digest(path, body), waiter);
    var first = entries.putIfAbsent(new Key(organization, idempotencyKey), mine);
    if (first == null) {
      return null;
    }
    if (!Arrays.equals(first.digest(), mine.digest())) {
      throw new ApiException(
          ErrorCode.CONFLICT, "Another request with this Idempotency-Key is being processed.");
    }
    if (first.waiter() == null) {
      throw new ApiException(
          ErrorCode.CONFLICT,
          "The stream of this Idempotency-Key is in progress and cannot be joined; ask again when it has ended.");
    }
    return first.waiter();
  }

  /** The first request under a key has ended. */
  void leave(String organization, String idempotencyKey) {
    entries.remove(new Key(organization, idempotencyKey));
  }

  /**
   * Checks a key.
   *
   * @throws ApiException when nobody could have meant it as one
   */
  static String checked(String idempotencyKey) {
    var printable = idempotencyKey.chars().allMatch(c -> c >= ' ' && c <= '~');
    if (idempotencyKey.isBlank() || idempotencyKey.length() > KEY_LENGTH_MAX || !printable) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "The Idempotency-Key must have 1 to " + KEY_LENGTH_MAX + " printable ASCII characters.");
    }
    return idempotencyKey;
  }

  private static byte[] digest(String path, byte[] body) {
    var digest = Sha256.begin();
    digest.update(path.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    return digest.digest(body);
  }
}
