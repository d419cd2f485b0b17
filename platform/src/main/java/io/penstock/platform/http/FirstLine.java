package io.penstock.platform.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection's bytes, a first request of HTTP/1.0 made one of HTTP/1.1 that closes the
 * connection. The server speaks 1.1 only, and would hang up; but proxies, nginx with its defaults
 * among them, and load generators ask by 1.0. Used by one thread.
 */
final class FirstLine implements Supplier<byte @Nullable []> {

  private static final int LENGTH_MAX = 16 << 10;
  private static final byte[] OLD = ascii(" HTTP/1.0\r\n");
  private static final byte[] NEW = ascii(" HTTP/1.1\r\nConnection: close\r\n");

  private final Supplier<byte @Nullable []> source;
  private boolean passed;

  FirstLine(Supplier<byte @Nullable []> source) {
    this.source = source;
  }

  @Override
  public byte @Nullable [] get() {
    var bytes = source.get();
    if (passed || bytes == null) {
      return bytes;
    }
    var end = lineEnd(bytes);
    while (end < 0 && bytes.length < LENGTH_MAX) {
      var more = source.get();
      if (more == null) {
        // the next read tells of the end
        break;
      }
      bytes = joined(bytes, more);
      end = lineEnd(bytes);
    }
    passed = true;
    return end < 0 ? bytes : modern(bytes, end);
  }

  /** Where the first line ends, its line feed included; negative when it does not. */
  private static int lineEnd(byte[] bytes) {
    for (var at = 0; at < bytes.length; at++) {
      if (bytes[at] == '\n') {
        return at + 1;
      }
    }
    return -1;
  }

  private static byte[] modern(byte[] bytes, int end) {
    var from = end - OLD.length;
    if (from < 0 || !Arrays.equals(bytes, from, end, OLD, 0, OLD.length)) {
      return bytes;
    }
    return joined(
        joined(Arrays.copyOf(bytes, from), NEW), Arrays.copyOfRange(bytes, end, bytes.length));
  }

  private static byte[] joined(byte[] first, byte[] second) {
    var both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
