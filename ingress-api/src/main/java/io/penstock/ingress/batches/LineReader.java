package io.penstock.ingress.batches;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads a file line by line and knows at which byte each begins. Lines end with a line feed, or
 * with the file; a carriage return before the line feed is no part of the line. Memory: one line
 * and one buffer. Not thread-safe.
 */
final class LineReader implements AutoCloseable {

  private static final int BUFFER_BYTES = 64 << 10;
  private static final int LINE_BYTES_KEPT = 1 << 20;

  private final InputStream in;
  private final int lineBytesMax;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int filled;

  private byte[] line = new byte[BUFFER_BYTES];
  private int length;
  private boolean tooLong;
  private long nextOffset;
  private long number;

  /**
   * Reads on.
   *
   * @param in stands at the first byte of a line
   * @param offset of that byte in the file
   * @param firstNumber number of that line
   * @param lineBytesMax bytes of a line at most; the rest of a longer one is skipped
   */
  LineReader(InputStream in, long offset, long firstNumber, int lineBytesMax) {
    this.in = in;
    this.nextOffset = offset;
    this.number = firstNumber - 1;
    this.lineBytesMax = lineBytesMax;
  }

  /** Moves to the next line; false at the end of the file. */
  boolean next() throws IOException {
    if (line.length > LINE_BYTES_KEPT) {
      line = new byte[BUFFER_BYTES];
    }
    length = 0;
    tooLong = false;
    var any = false;
    while (position < filled || fill()) {
      any = true;
      var end = lineFeed();
      take(end);
      nextOffset += end - position;
      position = end;
      if (end < filled) {
        position++;
        nextOffset++;
        break;
      }
    }
    if (!any) {
      return false;
    }
    number++;
    if (length > 0 && line[length - 1] == '\r') {
      length--;
    }
    return true;
  }

  private boolean fill() throws IOException {
    position = 0;
    filled = Math.max(0, in.read(buffer, 0, buffer.length));
    return filled > 0;
  }

  private int lineFeed() {
    for (int i = position; i < filled; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return filled;
  }

  private void take(int end) {
    var bytes = end - position;
    if (tooLong || length + bytes > lineBytesMax) {
      tooLong = true;
      return;
    }
    if (length + bytes > line.length) {
      line = Arrays.copyOf(line, Math.max(length + bytes, 2 * line.length));
    }
    System.arraycopy(buffer, position, line, length, bytes);
    length += bytes;
  }

  /** The line, from index 0 on; overwritten by {@link #next}. */
  byte[] bytes() {
    return line;
  }

  /** Bytes of the line. */
  int length() {
    return length;
  }

  /** Whether the line is longer than the limit, and so not whole. */
  boolean tooLong() {
    return tooLong;
  }

  /** Number of the line. */
  long number() {
    return number;
  }

  /** Byte offset of the line after this one. */
  long nextOffset() {
    return nextOffset;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
