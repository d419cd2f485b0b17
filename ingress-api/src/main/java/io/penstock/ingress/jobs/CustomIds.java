package io.penstock.ingress.jobs;

import io.penstock.platform.id.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A set of texts that keeps 128 bits of the SHA-256 of each: 16 bytes a text, 24 to 48 with the
 * free places, so at most 512 MiB for ten million and 6 MiB for a hundred thousand. Two different
 * texts are taken for one with probability 2^-82 at ten million. Not thread-safe.
 */
final class CustomIds {

  private static final int CAPACITY_FIRST = 1 << 10;

  private final MessageDigest digest = Sha256.begin();
  private long[] places = new long[2 * CAPACITY_FIRST];
  private int size;

  /** Adds a text; false when it is there already. */
  boolean add(String text) {
    var hash = ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    // zero marks a free place
    var high = hash.getLong() | 1;
    var low = hash.getLong();
    if (!put(places, high, low)) {
      return false;
    }
    size++;
    if (3L * size > places.length) {
      grow();
    }
    return true;
  }

  private void grow() {
    var larger = new long[Math.multiplyExact(places.length, 2)];
    for (int i = 0; i < places.length; i += 2) {
      if (places[i] != 0) {
        put(larger, places[i], places[i + 1]);
      }
    }
    places = larger;
  }

  private static boolean put(long[] places, long high, long low) {
    var capacity = places.length / 2;
    // capacity is a power of two
    var place = (int) (low & (capacity - 1));
    while (places[2 * place] != 0) {
      if (places[2 * place] == high && places[2 * place + 1] == low) {
        return false;
      }
      place = (place + 1) & (capacity - 1);
    }
    places[2 * place] = high;
    places[2 * place + 1] = low;
    return true;
  }
}
