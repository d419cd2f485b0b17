package io.penstock.billing.stream;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;

/**
 * Composes store keys whose parts cannot run into each other: texts carry their length, numbers
 * sort as numbers. Not thread-safe; one for each key.
 */
final class KeyBytes {

  private static final int TEXT_BYTES_MAX = 0xFFFF;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);

  /**
   * @throws IllegalArgumentException when the text has more than 65,535 bytes
   */
  KeyBytes text(String text) {
    var utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > TEXT_BYTES_MAX) {
      throw new IllegalArgumentException("part of a key is too long: " + utf8.length + " bytes");
    }
    bytes.write(utf8.length >>> 8);
    bytes.write(utf8.length);
    bytes.writeBytes(utf8);
    return this;
  }

  /** A number, not negative. */
  KeyBytes number(long number) {
    bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    return this;
  }

  KeyBytes flag(boolean flag) {
    bytes.write(flag ? 1 : 0);
    return this;
  }

  KeyBytes tag(char tag) {
    bytes.write(tag);
    return this;
  }

  Bytes done() {
    return Bytes.wrap(bytes.toByteArray());
  }

  /** Reads a text back, and moves on. */
  static String text(ByteBuffer key) {
    var utf8 = new byte[Short.toUnsignedInt(key.getShort())];
    key.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
