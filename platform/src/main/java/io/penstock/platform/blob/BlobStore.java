package io.penstock.platform.blob;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes by key. A key is a path of segments {@code [A-Za-z0-9._-]+} joined by {@code /}. A blob
 * becomes visible whole and on disk, or not at all. Thread-safe.
 */
public interface BlobStore {

  /** A blob as stored: size in bytes and SHA-256 in lower-case hex. */
  record Stored(String key, long size, String sha256) {}

  /** Receives bytes; closing without {@link #commit} leaves nothing behind. */
  interface Upload extends AutoCloseable {
    /** Appends bytes. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Makes the blob durable and visible, replacing an older one of the same key. */
    Stored commit() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Begins a blob. */
  Upload upload(String key) throws IOException;

  /** Stores bytes at once. */
  default Stored put(String key, byte[] bytes) throws IOException {
    try (var upload = upload(key)) {
      upload.write(bytes, 0, bytes.length);
      return upload.commit();
    }
  }

  /**
   * Stores bytes at once, unless there is a blob of this key: then it stays as it is. Of several
   * who claim a key at the same time, in whatever process, one succeeds.
   *
   * @return false when there was one
   */
  boolean claim(String key, byte[] bytes) throws IOException;

  /** Reads a blob from a byte offset on; null when there is none. */
  @Nullable InputStream open(String key, long offset) throws IOException;

  /** Size of a blob in bytes; -1 when there is none. */
  long size(String key) throws IOException;

  /** Keys that begin with a prefix, which ends with {@code /}; sorted. */
  List<String> list(String prefix) throws IOException;

  /**
   * A blob that was come across.
   *
   * @param size in bytes
   * @param storedAt when its last upload was committed
   */
  record Found(String key, long size, Instant storedAt) {}

  /** Is shown blobs, one after the other. */
  @FunctionalInterface
  interface Visitor {
    void visit(Found found) throws IOException, InterruptedException;
  }

  /**
   * Shows every blob below a prefix, which ends with {@code /}, in no order, without holding more
   * than one of them. What is stored or removed meanwhile may be shown or not.
   */
  void walk(String prefix, Visitor visitor) throws IOException, InterruptedException;

  /** Bytes that are free where blobs are stored; {@link Long#MAX_VALUE} where there is no end. */
  default long free() {
    return Long.MAX_VALUE;
  }

  /** Deletes what uploads of killed processes have left behind. */
  void tidy() throws IOException;

  /** Removes a blob; false when there was none. */
  boolean delete(String key) throws IOException;
}
