package io.penstock.ingress.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Key of a finished line. Its bytes sort by batch, then by line: the batch id, a zero byte, the
 * line number in eight bytes.
 *
 * @param line number in the input file, from 1
 */
record LineKey(String batch, long line) {

  static Serde<LineKey> serde() {
    return Serdes.serdeFrom((_, key) -> key.bytes(), (_, bytes) -> of(bytes));
  }

  private byte[] bytes() {
    var name = batch.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(name.length + 1 + Long.BYTES)
        .put(name)
        .put((byte) 0)
        .putLong(line)
        .array();
  }

  private static LineKey of(byte[] bytes) {
    var name = bytes.length - 1 - Long.BYTES;
    return new LineKey(
        new String(bytes, 0, name, StandardCharsets.UTF_8),
        ByteBuffer.wrap(bytes).getLong(name + 1));
  }
}
