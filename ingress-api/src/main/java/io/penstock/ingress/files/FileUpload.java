package io.penstock.ingress.files;

import java.io.IOException;

/**
 * Receives the content of a new file; closing without {@link #commit} leaves nothing behind. One
 * thread.
 */
public interface FileUpload extends AutoCloseable {

  /** Appends bytes. */
  void write(byte[] bytes, int offset, int length) throws IOException;

  /** Makes the file durable and visible. */
  FileObject commit() throws IOException;

  @Override
  void close() throws IOException;
}
