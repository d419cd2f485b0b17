package io.penstock.platform.delay;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;

/**
 * Key of a waiting record: the order of the bytes is the order of the due times.
 *
 * @param dueMillis when it is due, milliseconds since 1970, not negative
 * @param id what it is; two records of one id and time are one
 */
public record DelayKey(long dueMillis, String id) {

  public DelayKey {
    if (dueMillis < 0) {
      throw new IllegalArgumentException("a due time before 1970: " + dueMillis);
    }
  }

  /** Eight bytes of due time, big end first, then the id. */
  public Bytes bytes() {
    var name = id.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(
        ByteBuffer.allocate(Long.BYTES + name.length).putLong(dueMillis).put(name).array());
  }

  /** The least key of a due time. */
  public static Bytes least(long dueMillis) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(dueMillis).array());
  }

  /** The due time of a key, without reading the rest. */
  public static long dueMillis(Bytes key) {
    return ByteBuffer.wrap(key.get()).getLong();
  }

  /** The key that {@link #bytes} made. */
  public static DelayKey of(Bytes key) {
    var bytes = key.get();
    return new DelayKey(
        ByteBuffer.wrap(bytes).getLong(),
        new String(bytes, Long.BYTES, bytes.length - Long.BYTES, StandardCharsets.UTF_8));
  }
}
