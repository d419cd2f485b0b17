package io.penstock.ingress.batches;

import io.penstock.ingress.files.FileUpload;
import io.penstock.ingress.files.Files;
import io.penstock.ingress.jobs.BatchTerms;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One of the two files of a batch: made with its first line, so that a file without lines does not
 * exist.
 */
final class LineWriter implements AutoCloseable {

  private static final String PURPOSE = "batch_output";
  private static final int BUFFER_BYTES = 256 << 10;

  private final Files files;
  private final BatchTerms terms;
  private final String id;
  private final String filename;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private @Nullable FileUpload upload;
  private long lines;

  /**
   * A file that replaces an older one of the same id.
   *
   * @param id follows from the batch, so that writing twice leaves one file
   */
  LineWriter(Files files, BatchTerms terms, String id, String filename) {
    this.files = files;
    this.terms = terms;
    this.id = id;
    this.filename = filename;
  }

  void write(byte[] line) throws IOException {
    if (upload == null) {
      var seconds = terms.outputExpiresAfterSeconds();
      upload =
          files.create(
              id,
              terms.organization(),
              filename,
              PURPOSE,
              seconds == null ? null : Duration.ofSeconds(seconds));
    }
    if (line.length > buffer.length - buffered) {
      flush(upload);
    }
    if (line.length > buffer.length) {
      upload.write(line, 0, line.length);
    } else {
      System.arraycopy(line, 0, buffer, buffered, line.length);
      buffered += line.length;
    }
    lines++;
  }

  private void flush(FileUpload to) throws IOException {
    to.write(buffer, 0, buffered);
    buffered = 0;
  }

  long lines() {
    return lines;
  }

  /** Makes the file durable; null when there is none. */
  @Nullable String commit() throws IOException {
    if (upload == null) {
      return null;
    }
    flush(upload);
    return upload.commit().id();
  }

  @Override
  public void close() throws IOException {
    if (upload != null) {
      upload.close();
    }
  }
}
