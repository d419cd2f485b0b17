package io.penstock.simulator.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * Bytes that grow, and JSON written into them; the array is not copied on the way out. One owner at
 * a time.
 */
public final class JsonBytes extends OutputStream {
  /**
   * Reads and writes all JSON here. Its buffers are pooled across threads: a virtual thread lives
   * for one connection, and a pool per thread would be thrown away with it.
   */
  public static final JsonFactory FACTORY =
      JsonFactory.builder().recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool()).build();

  private byte[] bytes;
  private int length;

  /** What writes one JSON value. */
  @FunctionalInterface
  public interface Content {
    /** Writes the value. */
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** Starts empty, with room for so many bytes. */
  public JsonBytes(int room) {
    this.bytes = new byte[room];
  }

  /** One JSON value. */
  public static JsonBytes of(int room, Content content) {
    var buffer = new JsonBytes(room);
    buffer.append(content);
    return buffer;
  }

  /** Appends one JSON value. */
  public void append(Content content) {
    try (var json = FACTORY.createGenerator(this)) {
      content.writeTo(json);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** The array behind; only the first {@link #length()} bytes count. */
  public byte[] array() {
    return bytes;
  }

  /** How many bytes were written. */
  public int length() {
    return length;
  }

  /** Forgets all bytes after the first so many. */
  public void cutTo(int newLength) {
    length = newLength;
  }

  /** A copy of what was written. */
  public byte[] copy() {
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public void write(int value) {
    makeRoom(1);
    bytes[length++] = (byte) value;
  }

  @Override
  public void write(byte[] source) {
    write(source, 0, source.length);
  }

  @Override
  public void write(byte[] source, int offset, int count) {
    makeRoom(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }

  private void makeRoom(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
  }
}
